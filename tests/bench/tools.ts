/**
 * The programs of the peers: looked for on `PATH` and in the folder that
 * `SALLYPORT_BENCH_TOOLS` names.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import { run } from "../testing/process.ts";

/** Where Debian puts daemons; not on the `PATH` of every user. */
const DAEMON_FOLDERS = ["/usr/sbin", "/usr/local/sbin"];

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not ours to see: not a program that can be started.
    return false;
  }
}

/** The path of a program, or `undefined` when it is not on this machine. */
export function findProgram(name: string): string | undefined {
  const told = Deno.env.get("SALLYPORT_BENCH_TOOLS");
  return [
    ...told === undefined ? [] : [told],
    ...(Deno.env.get("PATH") ?? "").split(delimiter),
    ...DAEMON_FOLDERS,
  ].map((folder) => join(folder, name)).find(isFile);
}

/**
 * The path of a program that is known to be there.
 *
 * @throws When it is not: the peer did not list it among its programs.
 */
export function requireProgram(name: string): string {
  const path = findProgram(name);
  if (path !== undefined) return path;
  throw new Error(`Cannot start "${name}": it is not on this machine`);
}

/** What a program prints, errors behind the rest. */
export async function outputOf(
  name: string,
  args: readonly string[],
): Promise<string> {
  const { stdout, stderr } = await run(requireProgram(name), args);
  return stdout + stderr;
}

/** What a program says about its version: the first number with dots in its output. */
export async function versionOf(
  name: string,
  args: readonly string[],
): Promise<string> {
  const text = await outputOf(name, args);
  return /\d+\.\d+(?:[.p]\d+)*/.exec(text)?.[0] ?? "of unknown version";
}
