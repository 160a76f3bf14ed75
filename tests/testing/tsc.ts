/**
 * The compiler that people have, with `--strict`: no import map, and no types but
 * those of the files themselves and of the platform.
 *
 * @module
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { run } from "./process.ts";

/** On a machine that does much else. */
const PATIENCE = 180_000;

/** Packages that plugins may import. */
const PACKAGES = ["zod"] as const;

/** What plugins use of Node.js and Deno, in place of `@types/node` and `@types/deno`. */
const PLATFORM_TYPES = `
declare namespace Deno {
  export function readTextFile(path: string | URL): Promise<string>;
  export function writeTextFile(
    path: string | URL,
    text: string,
    options?: { readonly append?: boolean; readonly createNew?: boolean },
  ): Promise<void>;
  export namespace errors {
    export class NotFound extends Error {}
    export class AlreadyExists extends Error {}
  }
}
declare module "node:timers/promises" {
  export function setTimeout<T = void>(
    delay?: number,
    value?: T,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
}
`;

const require = createRequire(import.meta.url);

/**
 * Compiles files in a folder of their own, and gives what the compiler prints:
 * nothing when it finds no mistake.
 */
export async function compileStrictly(
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(join(folder, "node_modules"));
    for (const name of PACKAGES) {
      const from = dirname(require.resolve(name));
      await Deno.symlink(from, join(folder, "node_modules", name));
    }
    await Deno.writeTextFile(join(folder, "platform.d.ts"), PLATFORM_TYPES);
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    return await printedBy(folder, Object.keys(files));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function printedBy(
  folder: string,
  names: readonly string[],
): Promise<string> {
  const compiler = join(dirname(require.resolve("typescript")), "tsc.js");
  const { code, stdout, stderr } = await run(Deno.execPath(), [
    "run",
    "-A",
    compiler,
    "--strict",
    "--noEmit",
    ...["--target", "esnext"],
    ...["--module", "preserve"],
    "platform.d.ts",
    ...names,
  ], { cwd: folder, ms: PATIENCE });
  return code === 0 ? "" : stdout + stderr;
}
