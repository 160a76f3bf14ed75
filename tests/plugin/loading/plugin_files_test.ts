import assert from "node:assert/strict";
import { basename } from "node:path";
import {
  findPlugins,
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

Deno.test("findPlugins() sorts folders, keeps the order of files, names each once", async () => {
  await using files = await tempPlugins({
    "b/2.ts": "",
    "b/1.ts": "",
    "b/10.ts": "",
    "b/lib/x.ts": "",
    "a/3.ts": "",
  });
  const path = (name: string) => files.path(name);

  const found = await findPlugins({
    directories: [path("b"), path("a")],
    files: [path("z.ts"), path("a/3.ts"), path("y.ts")],
  });

  assert.deepEqual(
    found.map((each) => `${basename(each.path)} ${each.stem} ${each.isNamed}`),
    [
      "1.ts 1 false",
      "10.ts 10 false",
      "2.ts 2 false",
      "3.ts 3 false",
      "z.ts z true",
      "y.ts y true",
    ],
  );
});

Deno.test("findPlugins() finds plugins behind links", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using files = await tempPlugins({ "real.ts": "", "in/x.ts": "" });
  await Deno.symlink(files.path("real.ts"), files.path("in/link.ts"));

  const found = await findPlugins({ directories: [files.path("in")] });

  assert.deepEqual(found.map(({ stem }) => stem), ["link", "x"]);
});

Deno.test("findPlugins() refuses a folder with too many plugins", async () => {
  const names = Array.from({ length: 201 }, (_, at) => [`${at}.ts`, ""]);
  await using files = await tempPlugins(Object.fromEntries(names));

  await assert.rejects(findPlugins({ directories: [files.directory] }), {
    code: "notLoaded",
    message: /it has more than 200 plugins, choose another folder$/,
  });
});
