/**
 * The npm package in a folder of its own, as people install it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { packForNpm } from "../release/pack.ts";
import { type Exit, run } from "../testing/process.ts";

/** npm fetches Deno, 40 MB, unless it has it. */
const INSTALLS_WITHIN = 300_000;

/** A folder in which the package is installed. */
export interface Installation {
  readonly folder: string;
  /** The packed file. */
  readonly file: string;
  /** Runs a script of Node.js there, with variables. */
  node(
    script: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<Exit>;
}

/**
 * Packs the package and installs it.
 *
 * @param packages Others to install beside it, such as `ws@8.23.0`.
 */
export async function installInto(
  parent: string,
  packages: readonly string[] = [],
): Promise<Installation> {
  const packed = join(parent, "packed");
  await packForNpm(packed);
  const pack = await run("npm", ["pack", "--json", packed], {
    cwd: parent,
    ms: INSTALLS_WITHIN,
  });
  assert.equal(pack.code, 0, pack.stderr);
  const [{ filename }] = JSON.parse(pack.stdout);
  const folder = join(parent, "project");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
  const installed = await run("npm", [
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    join(parent, filename),
    ...packages,
  ], { cwd: folder, ms: INSTALLS_WITHIN });
  assert.equal(installed.code, 0, installed.stderr);
  return {
    folder,
    file: join(parent, filename),
    node: (script, env = {}) =>
      run("node", ["--input-type=module", "--eval", script], {
        cwd: folder,
        env,
        ms: 60_000,
      }),
  };
}
