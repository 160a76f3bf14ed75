/** The examples for test frameworks, and the action of GitHub: they take longer than the tests of every day. */
import { join } from "node:path";
import { playExample } from "../../npm/examples.ts";
import { type Installation, installInto } from "../../npm/installation.ts";
import { playAction } from "../../npm/play_action.ts";
import {
  startServerProgram,
  temporaryDirectory,
} from "../../system/programs.ts";
import { needs } from "../../testing/needs.ts";
import { startOrigin } from "../../testing/origin.ts";
import {
  findProgram,
  installedJar,
  installedPackages,
  installedPython,
  TOOLS,
} from "../tools.ts";

const BROWSER = needs("node", "npm", "chromium", "chromedriver");

/** A test framework, or a language of Selenium. */
interface Played {
  readonly name: string;
  /** Its folder in `.github/examples/`. */
  readonly folder: string;
  readonly needs: { readonly ignore: boolean };
  /** What Node.js runs, from the folder with `node_modules`. */
  args(modules: string): readonly string[];
}

const PLAYED: readonly Played[] = [
  {
    name: "WebdriverIO",
    folder: "wdio",
    needs: installedPackages("@wdio/cli"),
    args: (modules) => [
      join(modules, "@wdio/cli/bin/wdio.js"),
      ...["run", "wdio.conf.mjs"],
    ],
  },
  selenium("Selenium in JavaScript", {
    needs: installedPackages("selenium-webdriver"),
    command: ["node", "shop.mjs"],
  }),
  selenium("Selenium in Python", {
    needs: installedPython(),
    command: [join(TOOLS, "venv", "bin", "python"), "shop.py"],
  }),
  selenium("Selenium in Java", {
    needs: installedJar("selenium-java"),
    command: [
      findProgram("java") ?? "java",
      ...["-cp", join(TOOLS, "jars", "*"), "Shop.java"],
    ],
  }),
];

function selenium(
  name: string,
  { needs, command }: Pick<Played, "needs"> & {
    readonly command: readonly string[];
  },
): Played {
  const args = () => ["with_tunnel.mjs", ...command];
  return { name, folder: "selenium", needs, args };
}

for (const { name, folder, needs, args } of PLAYED) {
  Deno.test({
    ignore: BROWSER.ignore || needs.ignore,
    name: `tests of ${name} pass in the tunnel, and fail with its sentence`,
    async fn() {
      await using parent = await temporaryDirectory();
      await using server = await startServerProgram();
      const installation = await installInto(parent.path);
      const modules = await addPackages(installation);
      await playExample({
        name: folder,
        below: installation.folder,
        command: ["node", ...args(modules)],
      }, server);
    },
  });
}

Deno.test({
  ...needs("node", "npm", "curl", "bash"),
  name: "the action of GitHub starts a tunnel, reports about it and stops it",
  async fn() {
    await using parent = await temporaryDirectory();
    await using origin = await startOrigin();
    await using server = await startServerProgram();
    await playAction(
      await installInto(parent.path),
      server,
      `http://127.0.0.1:${origin.port}/status/200`,
    );
  },
});

/** Adds what `.ci/nightly` has installed. @returns The folder of all packages. */
async function addPackages({ folder }: Installation): Promise<string> {
  const modules = join(folder, "node_modules");
  await linkInto(modules, join(TOOLS, "node_modules"));
  return modules;
}

async function linkInto(target: string, source: string): Promise<void> {
  for await (const { name } of Deno.readDir(source)) {
    const [from, to] = [join(source, name), join(target, name)];
    if (!await isThere(to)) await Deno.symlink(from, to);
    else if (name.startsWith("@")) await linkInto(to, from);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
