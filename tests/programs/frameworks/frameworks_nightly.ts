/** The examples for test frameworks that take longer than the tests of every day. */
import { join } from "node:path";
import { playExample } from "../../npm/examples.ts";
import { installInto } from "../../npm/installation.ts";
import {
  startServerProgram,
  temporaryDirectory,
} from "../../system/programs.ts";
import { needs } from "../../testing/needs.ts";
import { installedPackages, TOOLS } from "../tools.ts";

const PROGRAMS = ["node", "npm", "chromium", "chromedriver"] as const;

/** Examples of `.github/examples/`, the package that makes them possible, and how they are run. */
const EXAMPLES: readonly {
  readonly name: string;
  readonly needs: string;
  /** Below `node_modules`. */
  readonly script: string;
  readonly args: readonly string[];
}[] = [
  {
    name: "wdio",
    needs: "@wdio/cli",
    script: "@wdio/cli/bin/wdio.js",
    args: ["run", "wdio.conf.mjs"],
  },
];

for (const { name, script, args, ...example } of EXAMPLES) {
  Deno.test({
    ignore: needs(...PROGRAMS).ignore ||
      installedPackages(example.needs).ignore,
    name: `tests of ${name} pass in the tunnel, and fail with its sentence`,
    async fn() {
      await using parent = await temporaryDirectory();
      await using server = await startServerProgram();
      const { folder } = await installInto(parent.path);
      const modules = join(TOOLS, "node_modules");
      // Packages are found from the folder of the example upwards.
      await linkPackages(modules, join(folder, "node_modules"));
      await playExample({
        name,
        below: folder,
        command: ["node", join(folder, "node_modules", script), ...args],
      }, server);
    },
  });
}

async function linkPackages(from: string, to: string): Promise<void> {
  for await (const { name } of Deno.readDir(from)) {
    const target = join(to, name);
    if (name.startsWith("@") && await exists(target)) {
      await linkPackages(join(from, name), target);
    } else if (!await exists(target)) {
      await Deno.symlink(join(from, name), target);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
