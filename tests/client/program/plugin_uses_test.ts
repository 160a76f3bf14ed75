/** Plugins as a program gives them, and what is wrong with them. */
import assert from "node:assert/strict";
import {
  programPlugin,
  programPlugins,
} from "../../../src/client/program/plugin_uses.ts";
import { ConfigError, Mistakes } from "../../../src/config/errors.ts";

type Given = Parameters<typeof programPlugin>[0];
const use = (given: unknown) => programPlugin(given as Given, "plugins[3]");

const PLUGIN = { request: () => {} };
const FILE = new URL("file:///a.ts");

Deno.test("a path, a URL and a plugin are uses of themselves", () => {
  assert.deepEqual(use("./a.ts"), { use: "./a.ts" });
  assert.deepEqual(use(FILE), { use: FILE });
  assert.deepEqual(use(PLUGIN), { use: PLUGIN });
});

for (
  const right of [
    { use: "a" },
    { use: FILE, name: "a", match: {}, options: 7 },
    { use: PLUGIN, timeout: 1 },
    { use: PLUGIN, allow: "trusted" },
    { use: "a", onFailure: "fail" },
    { use: "a", onFailure: "skip", allow: {} },
    {
      use: "a",
      allow: { net: true, read: ["a"], write: false, env: undefined },
    },
  ]
) {
  Deno.test(`${JSON.stringify(right)} is a use`, () => {
    assert.equal(use(right), right);
  });
}

const WRONG: readonly (readonly [unknown, string])[] = [
  [7, "plugins[3]: expected a plugin, a path, or an object with `use`"],
  [null, "plugins[3]: expected a plugin, a path, or an object with `use`"],
  [{ use: 7 }, "plugins[3].use: expected a plugin, a path or a URL"],
  [{ use: null }, "plugins[3].use: expected a plugin, a path or a URL"],
  [{ use: "a", name: 7 }, "plugins[3].name: expected a text"],
  ...[0, -1, 1.5, "1s", NaN].map((timeout) =>
    [
      { use: "a", timeout },
      "plugins[3].timeout: expected milliseconds, 1 or more",
    ] as const
  ),
  [
    { use: "a", onFailure: "stop" },
    'plugins[3].onFailure: expected "fail" or "skip"',
  ],
  ...["all", null].map((allow) =>
    [
      { use: "a", allow },
      'plugins[3].allow: expected "trusted" or an object of permissions',
    ] as const
  ),
  ...["x", 7, ["x", 7]].map((net) =>
    [
      { use: "a", allow: { net } },
      "plugins[3].allow.net: expected true, false or a list of texts",
    ] as const
  ),
  [
    { use: PLUGIN, allow: {} },
    "plugins[3].allow: an object runs in this program with all its " +
    "permissions, use the path of a file, or remove it",
  ],
];

for (const [given, message] of WRONG) {
  Deno.test(`${JSON.stringify(given)}: ${message}`, () => {
    assert.throws(() => use(given), {
      name: "ConfigError",
      code: "badValue",
      message: `Cannot use ${message}`,
    });
  });
}

Deno.test("a part that does not exist is named, and one that is meant", () => {
  assert.throws(() => use({ use: "a", nmae: "b" }), {
    code: "unknownName",
    message: /^Cannot use "nmae" in plugins\[3\]: no such part, .*name/,
  });
  assert.throws(() => use({ use: "a", allow: { nett: true } }), {
    code: "unknownName",
    message: /^Cannot use "nett" in plugins\[3\]\.allow: .*net/,
  });
});

Deno.test("a list keeps what is right, and notes every mistake with its place", () => {
  const mistakes = new Mistakes();
  const given = ["a", 7, { use: "b" }, { use: 8 }];
  assert.deepEqual(programPlugins(given, mistakes), [
    { use: "a" },
    { use: "b" },
  ]);
  assert.throws(() => mistakes.throwIfAny(), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /plugins\[1\]: .*\n.*plugins\[3\]\.use: /);
    return true;
  });
});

Deno.test("without a list no plugins are used, and something else is a mistake", () => {
  const mistakes = new Mistakes();
  assert.deepEqual(programPlugins(undefined, mistakes), []);
  mistakes.throwIfAny();
  assert.deepEqual(programPlugins("a", mistakes), []);
  assert.throws(() => mistakes.throwIfAny(), {
    message: "Cannot use plugins: expected a list",
  });
});
