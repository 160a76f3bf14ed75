/** Which files of plugins have changed since they were read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  contentOf,
  isBlank,
  PluginContents,
} from "../../../src/plugin/host/plugin_contents.ts";

async function setUp() {
  const folder = await Deno.makeTempDir();
  const contents = new PluginContents();
  return {
    path: (name: string) => join(folder, name),
    write: (name: string, text: string) =>
      Deno.writeTextFile(join(folder, name), text),
    async states(...instances: object[]) {
      return [...(await contents.read(instances as never)).values()];
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("a file is changed at first, then the same until it is written", async () => {
  await using files = await setUp();
  const plugin = { path: files.path("a.ts") };
  await files.write("a.ts", "1");
  assert.deepEqual(await files.states(plugin), ["changed"]);
  assert.deepEqual(await files.states(plugin), ["same"]);
  await files.write("a.ts", "2");
  assert.deepEqual(await files.states(plugin), ["changed"]);
});

Deno.test("a file that is being written is blank, and changed only if it is another one", async () => {
  await using files = await setUp();
  const plugin = { path: files.path("a.ts") };
  await files.write("a.ts", "1");
  await files.states(plugin);
  for (const text of ["", " \n"]) {
    await files.write("a.ts", text);
    assert.deepEqual(await files.states(plugin), ["blank"]);
  }
  await Deno.remove(plugin.path);
  assert.deepEqual(await files.states(plugin), ["blank"]);
  await files.write("a.ts", "1");
  assert.deepEqual(await files.states(plugin), ["same"]);
});

Deno.test("a file of several plugins has one state", async () => {
  await using files = await setUp();
  const plugin = { path: files.path("a.ts") };
  await files.write("a.ts", "1");
  assert.deepEqual(await files.states(plugin, { ...plugin }), ["changed"]);
});

Deno.test("packages and plugins without a file are not read", async () => {
  await using files = await setUp();
  await files.write("a.ts", "1");
  assert.deepEqual(
    await files.states(
      { path: undefined },
      { path: files.path("a.ts"), root: files.path(".") },
    ),
    [],
  );
});

Deno.test("a file that was out of use is a new one", async () => {
  await using files = await setUp();
  const plugin = { path: files.path("a.ts") };
  await files.write("a.ts", "1");
  await files.states(plugin);
  await files.states();
  assert.deepEqual(await files.states(plugin), ["changed"]);
});

Deno.test("a file that is not there has no content", async () => {
  await using files = await setUp();
  await files.write("a.ts", "1");
  assert.equal(await contentOf(files.path("a.ts")), "1");
  assert.equal(await contentOf(files.path("b.ts")), undefined);
  assert.equal(await contentOf(undefined), undefined);
});

Deno.test("spaces are nothing", () => {
  for (const text of [undefined, "", " \n\t"]) {
    assert.equal(isBlank(text), true);
  }
  assert.equal(isBlank(" a"), false);
});
