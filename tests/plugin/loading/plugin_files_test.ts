import assert from "node:assert/strict";
import { basename } from "node:path";
import {
  filesIn,
  isPluginName,
} from "../../../src/plugin/loading/plugin_files.ts";
import { tempPlugins } from "../temp_plugins.ts";

Deno.test.each([
  ["a.ts", true],
  ["a.js", true],
  ["a.mts", true],
  ["10-a.b.mjs", true],
  ["_a.ts", false],
  [".a.ts", false],
  ["a.d.ts", false],
  ["a_test.ts", false],
  ["a.test.ts", false],
  ["a.tsx", false],
  ["a.json", false],
  ["a.ts~", false],
  ["ts", false],
])("isPluginName(%o) is %o", (name, expected) => {
  assert.equal(isPluginName(name), expected);
});

Deno.test("filesIn() sorts files by name, and leaves sub-folders out", async () => {
  await using files = await tempPlugins({
    "2.ts": "",
    "1.ts": "",
    "10.ts": "",
    "lib/x.ts": "",
  });

  const found = await filesIn(files.directory);

  assert.deepEqual(found.map((path) => basename(path)), [
    "1.ts",
    "10.ts",
    "2.ts",
  ]);
});

Deno.test("filesIn() finds plugins behind links", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using files = await tempPlugins({ "real.ts": "", "in/x.ts": "" });
  await Deno.symlink(files.path("real.ts"), files.path("in/link.ts"));

  const found = await filesIn(files.path("in"));

  assert.deepEqual(found.map((path) => basename(path)), ["link.ts", "x.ts"]);
});

Deno.test("filesIn() refuses a folder with too many plugins", async () => {
  const names = Array.from({ length: 201 }, (_, at) => [`${at}.ts`, ""]);
  await using files = await tempPlugins(Object.fromEntries(names));

  await assert.rejects(filesIn(files.directory), {
    code: "notLoaded",
    message: /it has more than 200 plugins, choose another folder$/,
  });
});
