/**
 * `deno task manifests REPOSITORY SUMS FOLDER`: the files with which package
 * managers find a release: a formula of Homebrew, a manifest of Scoop, and three
 * of winget. Names and hashes come from the release's list of checksums.
 *
 * @module
 */
import { join } from "node:path";
import { stringify } from "yaml";
import project from "../../deno.json" with { type: "json" };

const DESCRIPTION =
  "Tunnel that lets browsers in a test lab open intranet sites";
const LICENCE = "Apache-2.0";
const IDENTIFIER = "Sallyport.Sallyport";
const WINGET_SCHEMA = "1.6.0";

/** A release. */
export interface Release {
  /** `owner/name` of the repository that has it. */
  readonly repository: string;
  /** The version, such as `0.1.0`. */
  readonly version: string;
  /** SHA-256 of each file, in hexadecimal digits, by the file's name. */
  readonly sums: ReadonlyMap<string, string>;
}

/** @throws {SyntaxError} If a line is not that of `sha256sum`. */
export function readSums(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => {
    const [, sum, name] = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined) {
      throw new SyntaxError(
        `Cannot read "${line}": expected a checksum and a name`,
      );
    }
    return [name, sum];
  }));
}

/**
 * The texts of all manifests, by path.
 *
 * @throws {Error} If the release lacks a system, or a name is not one.
 */
export function manifests(release: Release): ReadonlyMap<string, string> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(release.repository)) {
    throw new Error(`Cannot use "${release.repository}": expected owner/name`);
  }
  return new Map([
    ["homebrew/sallyport.rb", formula(release)],
    ["scoop/sallyport.json", scoop(release)],
    ...winget(release),
  ]);
}

/** The address and the checksum of a file of the release. */
function download(
  { repository, version, sums }: Release,
  target: string,
): { readonly url: string; readonly sum: string } {
  const windows = target.includes("windows") ? ".exe" : "";
  const name = `sallyport-${target}${windows}`;
  const sum = sums.get(name);
  if (sum === undefined) throw new Error(`The release has no file "${name}"`);
  const url =
    `https://github.com/${repository}/releases/download/v${version}/${name}`;
  return { url, sum };
}

function formula(release: Release): string {
  const block = (target: string) => {
    const { url, sum } = download(release, target);
    return `      url "${url}"\n      sha256 "${sum}"\n`;
  };
  const system = (name: string, arm: string, intel: string) =>
    `  on_${name} do\n    on_arm do\n${block(arm)}    end\n` +
    `    on_intel do\n${block(intel)}    end\n  end\n\n`;
  return `class Sallyport < Formula
  desc "${DESCRIPTION}"
  homepage "https://github.com/${release.repository}"
  version "${release.version}"
  license "${LICENCE}"

${
    system("macos", "aarch64-apple-darwin", "x86_64-apple-darwin") +
    system(
      "linux",
      "aarch64-unknown-linux-gnu",
      "x86_64-unknown-linux-gnu",
    )
  }  def install
    bin.install Dir["sallyport-*"].first => "sallyport"
    generate_completions_from_executable(bin/"sallyport", "completion")
  end

  service do
    run [opt_bin/"sallyport", "service", "exec", "server", "--config-file", etc/"sallyport/server.yaml",
         "--data-dir", var/"sallyport"]
    keep_alive successful_exit: false
    log_path var/"log/sallyport.log"
    error_log_path var/"log/sallyport.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/sallyport version")
    system bin/"sallyport", "demo", "--once"
  end
end
`;
}

const WINDOWS = {
  "64bit": "x86_64-pc-windows-msvc",
  arm64: "aarch64-pc-windows-msvc",
} as const;

function scoop(release: Release): string {
  const architecture = Object.fromEntries(
    Object.entries(WINDOWS).map(([name, target]) => {
      const { url, sum } = download(release, target);
      return [name, { url: `${url}#/sallyport.exe`, hash: sum }];
    }),
  );
  return `${
    JSON.stringify(
      {
        version: release.version,
        description: DESCRIPTION,
        homepage: `https://github.com/${release.repository}`,
        license: LICENCE,
        architecture,
        bin: "sallyport.exe",
      },
      undefined,
      4,
    )
  }\n`;
}

function winget(release: Release): [string, string][] {
  const common = {
    PackageIdentifier: IDENTIFIER,
    PackageVersion: release.version,
    ManifestVersion: WINGET_SCHEMA,
  };
  const file = (kind: string, ending: string, fields: object) =>
    [
      `winget/${IDENTIFIER}${ending}.yaml`,
      `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${kind}.${WINGET_SCHEMA}.schema.json\n` +
      stringify({ ...common, ManifestType: kind, ...fields }),
    ] as [string, string];
  return [
    file("version", "", { DefaultLocale: "en-US" }),
    file("installer", ".installer", {
      InstallerType: "portable",
      Commands: ["sallyport"],
      Installers: Object.entries({
        x64: WINDOWS["64bit"],
        arm64: WINDOWS.arm64,
      })
        .map(([Architecture, target]) => {
          const { url, sum } = download(release, target);
          return {
            Architecture,
            InstallerUrl: url,
            InstallerSha256: sum.toUpperCase(),
          };
        }),
    }),
    file("defaultLocale", ".locale.en-US", {
      PackageLocale: "en-US",
      Publisher: "Sallyport",
      PackageName: "Sallyport",
      PackageUrl: `https://github.com/${release.repository}`,
      License: LICENCE,
      ShortDescription: DESCRIPTION,
    }),
  ];
}

if (import.meta.main) {
  const [repository = "", sums = "", folder = "dist"] = Deno.args;
  const release = {
    repository,
    version: project.version,
    sums: readSums(await Deno.readTextFile(sums)),
  };
  for (const [path, text] of manifests(release)) {
    const target = join(folder, path);
    await Deno.mkdir(join(target, ".."), { recursive: true });
    await Deno.writeTextFile(target, text);
    // deno-lint-ignore no-console -- a program for the terminal
    console.log(target);
  }
}
