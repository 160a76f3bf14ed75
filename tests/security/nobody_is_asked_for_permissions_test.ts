/** Promise: the program never asks at its terminal for a permission; what it may not do fails at once. @module */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { needs } from "../testing/needs.ts";
import { TestProcess } from "../testing/process.ts";
import project from "../../deno.json" with { type: "json" };

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** The commands that start the program, in what people read and machines run. */
async function startCommands(): Promise<readonly string[]> {
  const files = [
    "README.md",
    "main.ts",
    "src/cli/cli.ts",
    "tests/release/compile.ts",
    ".github/deploy/Dockerfile",
    ".ci/run",
    ...await namesIn(".github/guides"),
    ...await namesIn(".github/workflows"),
    ...await namesIn("plugins"),
  ];
  const texts = await Promise.all(
    files.map((file) => Deno.readTextFile(join(PROJECT, file))),
  );
  const commands = texts.flatMap((text) =>
    text.match(/deno(?:@[\d.]+)? (?:run|compile|serve|test|x)\b.*/g) ?? []
  );
  const tasks = Object.values(project.tasks).flatMap((task) =>
    task.match(/deno (?:run|compile|test) [^&]*/g) ?? []
  );
  return [...commands, ...tasks];
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(PROJECT, folder)));
  return entries.filter(({ isFile }) => isFile)
    .map(({ name }) => `${folder}/${name}`);
}

Deno.test("every command that starts the program turns prompts off", async () => {
  const commands = (await startCommands())
    // Prose about the command, not a command.
    .filter((command) => /main\.ts|tests\/|-P|-A|--allow/.test(command));

  assert.ok(commands.length > 6, commands.join("\n"));
  for (const command of commands) assert.match(command, /--no-prompt/);
});

/** The command of the README, with this very Deno. */
async function commandOfReadme(): Promise<string> {
  const text = await Deno.readTextFile(join(PROJECT, "README.md"));
  const [, command = ""] = /^alias sallyport="(.*)"$/m.exec(text) ?? [];
  return command.replace(/npx --yes deno@\S+/, Deno.execPath())
    .replace("main.ts", join(PROJECT, "main.ts"));
}

Deno.test(
  "a plugin that reaches for a file at a terminal is refused without a prompt",
  {
    ignore: Deno.build.os !== "linux" || needs("script").ignore,
  },
  async () => {
    await using folder = await tempPlugins({
      "p.js": `export default { request: async () =>
      new Response(await Deno.readTextFile("/etc/hosts")) };`,
    });
    const command = await commandOfReadme();
    const words = `${command} plugin test ${
      folder.path("p.js")
    } --url http://a.test/`;
    const inTerminal = (words: string) =>
      new TestProcess("script", ["-qec", words, "/dev/null"], {
        env: { TERM: "xterm", NO_COLOR: "1" },
      });

    await using refusing = inTerminal(words);
    const refused = await refusing.exit();
    // What would happen without: the terminal of this test does ask.
    await using asking = inTerminal(words.replace(" --no-prompt", ""));
    await asking.waitFor(/Allow\?/);

    assert.match(refused.stdout, /it has no read access to "\/etc\/hosts"/);
    assert.doesNotMatch(refused.stdout, /Allow\?|takes longer/);
    assert.equal(refused.code, 1);
  },
);
