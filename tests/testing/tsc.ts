/**
 * The compiler that people have, with `--strict`: no types but those that
 * `sallyport plugin new` writes, and the settings that it writes.
 *
 * @module
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  PLATFORM_FILE,
  PROJECT_FILES,
} from "../../src/cli/plugin/editor_files.ts";
import { run } from "./process.ts";

/** On a machine that does much else. */
const PATIENCE = 180_000;

/** Packages that plugins may import. */
const PACKAGES = ["zod"] as const;

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
    for (const { name, text } of [PLATFORM_FILE, ...PROJECT_FILES]) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    return await compileProject(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Compiles a folder as its own `tsconfig.json` says, and gives what the compiler prints. */
export async function compileProject(folder: string): Promise<string> {
  const compiler = join(dirname(require.resolve("typescript")), "tsc.js");
  const { code, stdout, stderr } = await run(Deno.execPath(), [
    ...["run", "-A", compiler, "-p", "."],
  ], { cwd: folder, ms: PATIENCE });
  return code === 0 ? "" : stdout + stderr;
}
