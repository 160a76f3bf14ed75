/** Promise: the program starts the command that the user gave, and no other; plugins start none, whatever they may do besides. @module */
import assert from "node:assert/strict";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import {
  CLIENT_ENV,
  clientArgs,
  startServerProgram,
} from "../system/programs.ts";
import { runProgram } from "../testing/process.ts";

/** A plugin that tries, and says in a file how it went. */
function trying(file: string): string {
  return `export default {
    async setup() {
      const { state } = await Deno.permissions.query({ name: "run" });
      let text = state;
      try {
        new Deno.Command("true").spawn();
        text += " started";
      } catch (error) {
        text += " " + error.name;
      }
      await Deno.writeTextFile(${JSON.stringify(file)}, text);
    },
  };`;
}

Deno.test("a trusted plugin starts no program, with and without a command", async (t) => {
  await using server = await startServerProgram();
  await using folder = await tempPlugins({});
  const said = folder.path("said");
  await Deno.writeTextFile(folder.path("p.js"), trying(said));
  const plugin = [
    `--plugin=${folder.path("p.js")}`,
    "--plugin-permissions=trusted",
  ];

  await t.step("beside a command", async () => {
    const { code, stdout, stderr } = await runProgram([
      ...clientArgs(server),
      ...plugin,
      ...["--", Deno.execPath(), "eval", "console.log('started')"],
    ], { env: CLIENT_ENV, ms: 60_000 });

    assert.equal(code, 0, stderr);
    assert.equal(stdout, "started\n");
    assert.match(
      await Deno.readTextFile(said),
      /^(?:denied|prompt) NotCapable$/,
    );
  });

  await t.step("without one", async () => {
    await Deno.remove(said);

    const { stdout } = await runProgram([
      "plugin",
      "test",
      folder.path("p.js"),
      "--plugin-permissions=trusted",
      "--url=http://a.test/",
    ]);

    assert.notEqual(stdout, "");
    assert.match(
      await Deno.readTextFile(said),
      /^(?:denied|prompt) NotCapable$/,
    );
  });
});
