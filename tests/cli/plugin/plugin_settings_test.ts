/** The folder, the list and the files of plugins become one list. */
import assert from "node:assert/strict";
import {
  listedPlugins,
  pluginSettings,
} from "../../../src/cli/plugin/plugin_settings.ts";
import type { PluginConfig } from "../../../src/config/options/plugin_config.ts";

const CONFIG = {
  pluginDir: "none",
  plugins: [],
  plugin: [],
  pluginPermissions: "sandbox",
  pluginTimeout: 700,
  allowNpmPlugins: true,
} as unknown as PluginConfig;

function settings(changes: object = {}) {
  return pluginSettings({ ...CONFIG, ...changes }, new Map());
}

Deno.test("what is not a place is passed on", async () => {
  const { permissions, timeBudget, allowPackages } = await settings();
  assert.deepEqual([permissions, timeBudget, allowPackages], [
    "sandbox",
    700,
    true,
  ]);
});

/** --plugin-dir → the folders. */
for (const [dir, folders] of [["none", []], ["lab", ["lab"]]] as const) {
  Deno.test(`--plugin-dir ${dir} is ${folders.length} folders`, async () => {
    const { directories } = await settings({ pluginDir: dir });
    assert.deepEqual(directories, folders);
  });
}

Deno.test("the examples of the repository are not loaded by default", async () => {
  // Tests run in the repository, whose folder `plugins` has examples.
  const { directories } = await settings({ pluginDir: undefined });
  assert.deepEqual(directories, []);
});

Deno.test("the list comes first, and a file is there once", async () => {
  const { plugins } = await settings({
    plugins: [{ use: "a.ts", name: "first" }, { use: "./b.ts" }],
    plugin: ["c.ts", "b.ts", "./c.ts", "a.ts"],
  });
  assert.deepEqual(plugins?.map((each) => (each as { use: string }).use), [
    "a.ts",
    "./b.ts",
    "c.ts",
  ]);
});

Deno.test("an entry of the list says where it is set", () => {
  const plugins = [{ use: "a.ts" }, { use: "b.ts" }] as never;
  const value = {
    ...{ raw: [], source: "plugins" },
    placeOf: (path: readonly (string | number)[]) => path.join("/"),
  };
  const places = (values: Parameters<typeof listedPlugins>[1]) =>
    listedPlugins({ plugins }, values)
      .map(({ placeOf }) => placeOf?.(["options", "x"]));
  assert.deepEqual(places(new Map([["plugins", value as never]])), [
    "0/options/x",
    "1/options/x",
  ]);
  const flag = { raw: [], source: "--plugins" };
  assert.deepEqual(places(new Map([["plugins", flag as never]])), [
    "--plugins",
    "--plugins",
  ]);
  assert.deepEqual(places(new Map()), ["", ""]);
});
