/** */
import assert from "node:assert/strict";
import { ConfigError } from "../../../src/config/errors.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";
import {
  PLUGIN_FIELDS,
  type PluginConfig,
} from "../../../src/config/options/plugin_config.ts";
import { fieldsIn } from "../../../src/config/field.ts";
import { text } from "../../../src/config/values/values.ts";
import { formatPermissions } from "../../../src/plugin/api/permissions.ts";
import { temporaryFile } from "../fixtures.ts";

const FIELDS = {
  configFile: fieldsIn("")(text().optional(), { summary: "" }),
  ...PLUGIN_FIELDS,
};

async function load(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<PluginConfig> {
  const environment = (name: string) => variables[name];
  const { values } = await collectOptions(FIELDS, { args, environment });
  return validateOptions(FIELDS, values);
}

/** The configuration in a file. */
async function loadFile(name: string, text: string): Promise<PluginConfig> {
  await using file = await temporaryFile(name, text);
  return await load([`--config-file=${file.path}`]);
}

Deno.test("plugins have no options, no rules and the usual folder unless somebody says so", async () => {
  assert.deepEqual(await load([]), {
    configFile: undefined,
    pluginDir: undefined,
    plugin: [],
    pluginPermissions: [],
    plugins: undefined,
  });
});

Deno.test("options of plugins have the types that the language of their file gives them", async () => {
  const yaml = "plugins:\n" +
    "  slow: { host: a.test, milliseconds: 20, on: true }\n" +
    '  pin: { "*.a.test": [10.1.2.3, ::1] }\n' +
    "  none:\n";
  const toml = '[plugins.slow]\nhost = "a.test"\n' +
    'milliseconds = 20\non = true\n[plugins.pin]\n"*.a.test" = ["10.1.2.3", "::1"]\n';
  const expected = {
    slow: { host: "a.test", milliseconds: 20, on: true },
    pin: { "*.a.test": ["10.1.2.3", "::1"] },
  };

  assert.deepEqual((await loadFile("c.yaml", yaml)).plugins, {
    ...expected,
    none: null,
  });
  assert.deepEqual((await loadFile("c.toml", toml)).plugins, expected);
  assert.deepEqual(
    (await loadFile("c.json", JSON.stringify({ plugins: expected }))).plugins,
    expected,
  );
});

Deno.test("options of plugins can be set in the environment, as JSON", async () => {
  const { plugins } = await load([], {
    SALLYPORT_PLUGINS: '{"a":{"key":"x,y"}}',
  });

  assert.deepEqual(plugins, { a: { key: "x,y" } });
});

Deno.test("an open value sets no options", async () => {
  assert.equal((await loadFile("c.yaml", "plugins:\n")).plugins, undefined);
});

Deno.test("options of plugins that are not a table are refused, and not quoted", async () => {
  const complaint = (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /expected a table of names and values$/);
    assert.doesNotMatch(error.message, /s3cr3t/);
    return true;
  };

  await assert.rejects(loadFile("c.yaml", "plugins: [s3cr3t]\n"), complaint);
  await assert.rejects(loadFile("c.yaml", "plugins: s3cr3t\n"), complaint);
  await assert.rejects(
    loadFile("c.yaml", "plugins: &a { b: *a, c: s3cr3t }\n"),
    complaint,
  );
  await assert.rejects(load(["--plugins=s3cr3t"]), complaint);
  await assert.rejects(load(['--plugins=["s3cr3t"]']), complaint);
});

Deno.test("commas belong to a permission, rules are given one by one", async () => {
  const rules = ["a:net=b.test,c.test:1;read", "trusted"];
  const flags = rules.map((rule) => `--plugin-permissions=${rule}`);

  const { pluginPermissions: fromFlags } = await load(flags);
  const { pluginPermissions: fromFile } = await loadFile(
    "c.yaml",
    `plugin-permissions: ["${rules.join('", "')}"]\n`,
  );
  const { pluginPermissions: fromEnvironment } = await load([], {
    SALLYPORT_PLUGIN_PERMISSIONS: "net=b.test,c.test",
  });

  assert.deepEqual(fromFlags.map(formatPermissions), rules);
  assert.deepEqual(fromFile.map(formatPermissions), rules);
  assert.deepEqual(fromEnvironment.map(formatPermissions), [
    "net=b.test,c.test",
  ]);
});

Deno.test("a permission that there is not is refused with those there are", async () => {
  await assert.rejects(load(["--plugin-permissions=a:nett"]), {
    message: 'Cannot use "a:nett" as --plugin-permissions: ' +
      'unknown permission "nett", use none, trusted, net, read or env',
  });
});
