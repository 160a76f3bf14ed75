/** */
import assert from "node:assert/strict";
import * as z from "zod";
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

Deno.test("options about plugins have defaults", async () => {
  assert.deepEqual(await load([]), {
    allowNpmPlugins: false,
    configFile: undefined,
    pluginDir: undefined,
    plugin: [],
    pluginPermissions: [],
    pluginTimeout: 5_000,
    plugins: [],
  });
});

/** Everything that an entry can have. */
const WHOLE = {
  use: "./slow.ts",
  name: "slow2",
  match: [{ host: ["*.a.test"], method: ["GET", "PUT"] }],
  options: { milliseconds: 20, on: true, hosts: ["::1"], none: null },
  allow: { net: ["10.0.0.53:53"], read: ["/etc/hosts"], env: true },
  timeout: 90_000,
  onFailure: "skip",
} as const;

Deno.test("the list of plugins has the order and the types of its file", async () => {
  const yaml = `plugins:
  - ./first.ts
  - use: ./slow.ts
    name: slow2
    match: { host: "*.a.test", method: [GET, PUT] }
    options: { milliseconds: 20, on: true, hosts: ["::1"], none: }
    allow: { net: 10.0.0.53:53, read: [/etc/hosts], env: true }
    timeout: 1m30s
    on-failure: skip
  - { use: ./slow.ts, allow: trusted }
  - { use: ./slow.ts, allow: none }
`;
  const toml = `plugins = [
  "./first.ts",
  { use = "./slow.ts", options = { milliseconds = 20, on = true } },
]
`;

  assert.deepEqual((await loadFile("c.yaml", yaml)).plugins, [
    { use: "./first.ts" },
    WHOLE,
    { use: "./slow.ts", allow: "trusted" },
    { use: "./slow.ts", allow: {} },
  ]);
  assert.deepEqual((await loadFile("c.toml", toml)).plugins, [
    { use: "./first.ts" },
    { use: "./slow.ts", options: { milliseconds: 20, on: true } },
  ]);
  const json = JSON.stringify({ plugins: ["a.ts", { use: "b.ts" }] });
  assert.deepEqual((await loadFile("c.json", json)).plugins, [
    { use: "a.ts" },
    { use: "b.ts" },
  ]);
});

Deno.test("flags and environment have the list as paths or as JSON", async () => {
  const list = '["a,b.ts",{"use":"c.ts","options":{"key":"x,y"}}]';
  const expected = [
    { use: "a,b.ts" },
    { use: "c.ts", options: { key: "x,y" } },
  ];

  const { plugins: inEnvironment } = await load([], {
    SALLYPORT_PLUGINS: list,
  });
  const { plugins: inFlag } = await load([`--plugins=${list}`]);
  const { plugins: inFlags } = await load([
    "--plugins=a,b.ts",
    '--plugins={"use":"c.ts","options":{"key":"x,y"}}',
  ]);

  assert.deepEqual(inEnvironment, expected);
  assert.deepEqual(inFlag, expected);
  assert.deepEqual(inFlags, expected);
});

Deno.test("an entry is written as it is read", () => {
  const text = PLUGIN_FIELDS.plugins.schema;
  const raw = z.encode(text, [WHOLE, { use: "a.ts" }]);

  assert.deepEqual(text.parse(raw), [WHOLE, { use: "a.ts" }]);
  assert.deepEqual(raw?.[1], "a.ts");
});

Deno.test("an open value sets no plugins", async () => {
  assert.deepEqual((await loadFile("c.yaml", "plugins:\n")).plugins, []);
});

/** What is wrong in a file, without its folder. */
async function mistakesIn(text: string): Promise<readonly string[]> {
  try {
    await loadFile("c.yaml", text);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.replaceAll(/"[^"]*\/c\.yaml"/g, "FILE").split("\n");
  }
  throw new Error("it was read");
}

Deno.test("all mistakes in the list are reported together, each with its line and a suggestion", async () => {
  const found = await mistakesIn(`plugins:
  - use: ./a.ts
    opitons: { key: s3cr3t }
    allow: { nte: [a.test], read: [7], write: true }
    timeout: 30
    on-failure: ignore
  - name: two words
    match:
      hots: a.test
  - use: ./b.ts
    match: { path: api }
    allow: trustet
  - 
`);

  assert.deepEqual(found, [
    'Cannot use plugins[0].opitons in FILE, line 3: no such key, did you mean "options"?',
    'Cannot use plugins[0].allow.nte in FILE, line 4: no such key, did you mean "net"?',
    "Cannot use plugins[0].allow.read in FILE, line 4: expected true, or a list of names in quotes",
    'Cannot use plugins[0].timeout in FILE, line 5: expected a duration above 0s such as 30s or 1m30s, did you mean "30s"?',
    "Cannot use plugins[0].on-failure in FILE, line 6: expected fail or skip",
    'Cannot use plugins[1] in FILE, line 7: it has no "use", add the path of the plugin',
    "Cannot use plugins[1].name in FILE, line 7: expected 1 to 64 letters, digits, _ and -",
    'Cannot use plugins[1].match in FILE, line 8: its "match" has an unknown part "hots", use host, path, method or job',
    'Cannot use plugins[2].match in FILE, line 11: the path "api" of its "match" does not begin with "/"',
    'Cannot use plugins[2].allow in FILE, line 12: expected trusted, none, or a table of net, read, write and env, did you mean "trusted"?',
    'Cannot use plugins[3] in FILE, line 13: expected a path, or a table such as { "use": "./slow.ts" } with name, match, options, allow, timeout, on-failure',
  ]);
});

Deno.test("options of plugins by name are refused with the form of the list, and not quoted", async () => {
  const inFile =
    "Cannot use plugins in FILE, line 1: expected a list such as " +
    "plugins: [{ use: ./pin_dns.ts, options: { shop.test: [10.1.2.3] } }]";
  const elsewhere = {
    message: /\[0\]: expected a path, or a table such as \{ "use": [^3]*$/,
  };

  assert.deepEqual(await mistakesIn("plugins: { a: { b: s3cr3t } }\n"), [
    inFile,
  ]);
  assert.deepEqual(
    await mistakesIn("plugins: &a [ { use: a, options: *a }, s3cr3t ]\n"),
    [inFile],
  );
  await assert.rejects(load(['--plugins={"a":{"b":"s3cr3t"}}']), elsewhere);
  await assert.rejects(load(["--plugins={s3cr3t"]), elsewhere);
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
      'unknown permission "nett", use none, trusted, net, read, write or env',
  });
});
