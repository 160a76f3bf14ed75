// Runs in Node.js: where Deno is, and how it runs this program.
import { spawn, type StdioOptions } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InstallationError } from "./errors.ts";

/** The names that npm gives the packages with Deno's binaries. */
const BINARIES: Readonly<Record<string, string>> = {
  "darwin-arm64": "@deno/darwin-arm64/deno",
  "darwin-x64": "@deno/darwin-x64/deno",
  "linux-arm64": "@deno/linux-arm64-glibc/deno",
  "linux-x64": "@deno/linux-x64-glibc/deno",
  "win32-arm64": "@deno/win32-arm64/deno.exe",
  "win32-x64": "@deno/win32-x64/deno.exe",
};

/** The folder of the program: main, its configuration, and all sources. */
const PROGRAM = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The path of Deno for this system. Its own launcher would add a process that
 * keeps signals to itself.
 *
 * @throws {InstallationError} If npm has not installed it.
 */
export function denoPath(
  system: string = `${process.platform}-${process.arch}`,
): string {
  const binary = BINARIES[system];
  if (binary === undefined) {
    throw new InstallationError(
      `Cannot run on ${system}: there is no Deno for it`,
    );
  }
  // The binaries are packages that the package `deno` depends on.
  const own = createRequire(import.meta.url);
  for (const from of [own, ownerOf(own)]) {
    const folders = from?.resolve.paths(binary) ?? [];
    const found = folders.map((folder) => join(folder, binary))
      .find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  throw new InstallationError(
    `Cannot find Deno: the package ${dirname(binary)} is missing, install ` +
      "sallyport again without --omit=optional and --ignore-scripts",
  );
}

/** Package managers that keep packages apart show their dependencies to their owner only. */
function ownerOf(own: NodeJS.Require): NodeJS.Require | undefined {
  try {
    return createRequire(own.resolve("deno/package.json"));
  } catch {
    return undefined;
  }
}

/** How a program is started. */
export interface StartOptions {
  readonly stdio: StdioOptions;
  /** What is different in its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a module of the program in Deno, with the permissions of the program.
 * Nothing is downloaded: all packages came with this one.
 *
 * @param module Its path in the folder of the program.
 * @throws {InstallationError} If Deno is missing.
 */
export function startInDeno(
  module: string,
  args: readonly string[],
  { stdio, env = {} }: StartOptions,
): ChildProcess {
  return spawn(denoPath(), [
    "run",
    "--quiet",
    "--permission-set",
    "--no-prompt",
    "--no-remote",
    "--node-modules-dir=manual",
    "--config",
    join(PROGRAM, "deno.json"),
    join(PROGRAM, module),
    ...args,
  ], {
    stdio,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...env },
  });
}
