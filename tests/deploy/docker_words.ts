/**
 * The commands of a guide for `docker`, as the shell passes them on.
 *
 * @module
 */
import { run } from "../testing/process.ts";

/** Flags of `docker run` that stand alone. */
const SWITCHES: readonly string[] = [
  "--detach",
  "--no-healthcheck",
  "--read-only",
  "--rm",
];

/** What `docker run` is given. */
export interface DockerRun {
  /** Values by flag; a switch has none. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly image: string;
  /** What follows the image. */
  readonly args: readonly string[];
}

/** The words of each `docker` of a script, without `docker`. Needs `sh`. */
export async function dockerCommands(
  script: string,
): Promise<readonly (readonly string[])[]> {
  const shim = "docker() { printf '%s\\037' \"$@\"; printf '\\036'; }\n";
  const { code, stdout, stderr } = await run("sh", ["-euc", shim + script]);
  if (code !== 0) throw new Error(stderr);
  return stdout.split("\x1e").slice(0, -1)
    .map((words) => words.split("\x1f").slice(0, -1));
}

/** Reads what follows `docker run`. */
export function readDockerRun(words: readonly string[]): DockerRun {
  const flags = new Map<string, readonly string[]>();
  let at = 0;
  for (; words[at]?.startsWith("--"); at++) {
    const flag = words[at] ?? "";
    if (SWITCHES.includes(flag)) flags.set(flag, []);
    else flags.set(flag, [...flags.get(flag) ?? [], words[++at] ?? ""]);
  }
  const [image = "", ...args] = words.slice(at);
  return { flags, image, args };
}
