import manifest from "../../deno.json" with { type: "json" };
import build from "./build.json" with { type: "json" };

/** Version, build and runtime of the program. */
export interface VersionInfo {
  readonly version: string;
  /** When it was built. The release job writes it into `build.json`. */
  readonly time: string;
  readonly commit: string;
  readonly deno: string;
  readonly v8: string;
  readonly typescript: string;
  readonly os: string;
  readonly arch: string;
}

/** The version of this program. */
export const VERSION: VersionInfo = {
  version: manifest.version,
  time: build.time,
  commit: build.commit,
  deno: Deno.version.deno,
  v8: Deno.version.v8,
  typescript: Deno.version.typescript,
  os: Deno.build.os,
  arch: Deno.build.arch,
};

/** The version as text, one property a line. */
export function versionText(info: VersionInfo = VERSION): string {
  const rows = [
    ["Version", info.version],
    ["Build time", info.time],
    ["Git commit", info.commit],
    ["Deno", info.deno],
    ["V8", info.v8],
    ["TypeScript", info.typescript],
    ["OS/Arch", `${info.os}/${info.arch}`],
  ] as const;
  return rows.map(([name, value]) => `${`${name}:`.padEnd(12)}${value}\n`)
    .join("");
}
