import assert from "node:assert/strict";
import { basename } from "node:path";
import {
  NO_PERMISSIONS,
  parsePermissions,
} from "../../../src/plugin/api/permissions.ts";
import {
  checkRules,
  listPlugins,
} from "../../../src/plugin/loading/plugin_list.ts";
import { tempPlugins } from "../temp_plugins.ts";

Deno.test("listPlugins() has folders first, and no file of the list twice", async () => {
  await using files = await tempPlugins({
    "b/2.ts": "",
    "b/1.ts": "",
    "b/10.ts": "",
    "b/lib/x.ts": "",
    "a/3.ts": "",
  });
  const path = (name: string) => files.path(name);

  const found = await listPlugins({
    directories: [path("b"), path("a")],
    plugins: [
      { use: path("z.ts") },
      { use: new URL(`file://${path("b/10.ts")}`), name: "ten" },
      { use: path("z.ts"), name: "again" },
    ],
  });

  assert.deepEqual(
    found.map((each) => `${basename(each.path ?? "")} ${each.rule}`),
    ["1.ts 1", "2.ts 2", "3.ts 3", "z.ts z", "10.ts ten", "z.ts again"],
  );
});

Deno.test("a listed file in other letter case counts once where the system finds it", async () => {
  await using files = await tempPlugins({ "Shop.ts": "" });
  const list = {
    directories: [files.directory],
    plugins: [{ use: files.path("shop.ts") }],
  };
  const rulesOn = async (foldsCase: boolean) =>
    (await listPlugins(list, new Map(), { foldsCase })).map(({ rule }) => rule);

  assert.deepEqual(await rulesOn(true), ["shop"]);
  assert.deepEqual(await rulesOn(false), ["Shop", "shop"]);
});

Deno.test("a plugin may do what its entry allows, or else what the rules say", async () => {
  const rules = ["a:net", "trusted"].map(parsePermissions);

  const found = await listPlugins({
    plugins: [
      { use: "a.ts" },
      { use: "b.ts", allow: { write: ["/tmp"] } },
      { use: "c.ts" },
      { use: "b.ts", name: "a2", allow: {} },
      { use: { name: "object" } },
    ],
    permissions: rules,
  });

  assert.deepEqual(found.map(({ rule, permissions }) => [rule, permissions]), [
    ["a", { ...NO_PERMISSIONS, net: true }],
    ["b", { ...NO_PERMISSIONS, write: ["/tmp"] }],
    ["c", "trusted"],
    ["a2", NO_PERMISSIONS],
    ["object", "trusted"],
  ]);
});

Deno.test("an entry has no permissions of its own and a rule for it", async () => {
  const list = {
    plugins: [{ use: "a.ts", allow: {} }],
    permissions: [parsePermissions("a:net")],
  };

  await assert.rejects(listPlugins(list), {
    code: "badOptions",
    message: 'Cannot use plugin "a": it has "allow" and a permission rule, ' +
      "keep one of them",
  });
});

Deno.test("an entry with a wrong match is named", async () => {
  await assert.rejects(
    listPlugins({ plugins: [{ use: "a.ts", match: { path: "api" } }] }),
    {
      message: 'Cannot use plugin "a": the path "api" of its ' +
        '"match" does not begin with "/"',
    },
  );
});

Deno.test("checkRules() refuses a rule that names no plugin", async () => {
  const found = await listPlugins({ plugins: [{ use: "pin_dns.ts" }] });
  const check = (rule: string) => checkRules([parsePermissions(rule)], found);

  check("pin_dns:net");
  check("net");
  assert.throws(() => check("pin_dsn:net"), /did you mean "pin_dns"\?$/);
  assert.throws(() => check("slow:net"), /plugins are pin_dns$/);
});
