/* A plugin and its imports are read and checked before any code runs. */
import assert from "node:assert/strict";
import {
  type CheckedModule,
  readGraph,
} from "../../../src/plugin/loading/module_graph.ts";
import {
  NO_PERMISSIONS,
  type PluginPermissions,
} from "../../../src/plugin/api/permissions.ts";
import { tempPlugins } from "../temp_plugins.ts";

/** The graph of `p.ts`, with file names without their folder. */
async function graphOf(
  files: Readonly<Record<string, string>>,
  permissions: PluginPermissions = NO_PERMISSIONS,
  entry = "p.ts",
): Promise<readonly (CheckedModule & { readonly name: string })[]> {
  await using folder = await tempPlugins(files);
  const modules = await readGraph(folder.path(entry), permissions);
  return modules.map((module) => ({
    ...module,
    name: module.url.slice(`file://${folder.directory}/`.length),
  }));
}

Deno.test("modules stand after those that they import, each once", async () => {
  const modules = await graphOf({
    "p.ts": `import { a } from "./lib/a.ts";
      import type { Never } from "npm:never";
      export type { Other } from "https://never.test/a.ts";
      import data from "./b.json" with { type: "json" };
      import { z } from "zod";
      export default { request: async () => (await import("./lib/a.ts")).a };`,
    "lib/a.ts": 'export * as b from "../b.json" with { "type": "json" };',
    "b.json": "[1]",
  });

  assert.deepEqual(modules.map(({ name, isData }) => [name, isData]), [
    ["b.json", true],
    ["lib/a.ts", false],
    ["p.ts", false],
  ]);
  const [data, library, plugin] = modules.map(({ pieces }) => pieces);
  assert.deepEqual(data, ["[1]"]);
  assert.deepEqual(library, [
    "export * as b from ",
    0,
    ' with { "type": "json" };',
  ]);
  assert.deepEqual(plugin?.filter((piece) => typeof piece === "number"), [
    1,
    0,
    1,
  ]);
});

Deno.test("a circle is named, for a worker; trusted plugins are loaded from their files", async () => {
  const files = {
    "p.ts": 'import "./a.ts"; export default {};',
    "a.ts": '\nimport "./p.ts";',
  };

  await assert.rejects(graphOf(files), {
    message:
      'it imports "p.ts" in a circle, move the shared code to a third file',
    location: "a.ts:2:8",
  });
  assert.equal((await graphOf(files, "trusted")).length, 2);
});

Deno.test.each([
  ['import "./none.ts";', 'Module not found "none.ts"', "p.ts:1:8"],
  [
    'import "./sub";',
    'it imports "./sub", which is neither TypeScript (.ts) nor JavaScript (.js) nor JSON',
    "p.ts:1:8",
  ],
  ['import "./sub.ts";', '"sub.ts" is not a file', "p.ts:1:8"],
  [
    'import a from "./b.json";',
    'it imports "./b.json" as a module, write with { type: "json" }',
    "p.ts:1:15",
  ],
  [
    'import a from "./a.ts" with { type: "json" };',
    'it imports "./a.ts" as "json", remove the attribute',
    "p.ts:1:15",
  ],
  [
    'import("./b.json", { with: { ["ty" + "pe"]: "json" } });',
    'it imports "./b.json" as "computed", write with { type: "json" }',
    "p.ts:1:8",
  ],
  [
    'import("./b.json", options);',
    'it imports "./b.json" as "computed", write with { type: "json" }',
    "p.ts:1:8",
  ],
  [
    'import "./a.tsx";',
    'it imports "./a.tsx", which is neither TypeScript (.ts) nor JavaScript (.js) nor JSON',
    "p.ts:1:8",
  ],
  [
    'import "lodash";',
    'it imports "lodash", but the only packages for plugins are zod; use "import type" for types',
    "p.ts:1:8",
  ],
  ['import "./a.ts"', 'Unexpected token, expected "{"', "a.ts:1:8"],
])("readGraph() refuses %s", async (text, message, location) => {
  await assert.rejects(
    graphOf({
      "p.ts": text,
      "a.ts": "export )",
      "b.json": "1",
      "sub.ts/c": "",
    }),
    { name: "TypeError", message, location },
  );
});

Deno.test("a plugin is itself TypeScript or JavaScript, and a module", async () => {
  for (const entry of ["p.cjs", "p.cts", "p.json", "p.txt"]) {
    await assert.rejects(graphOf({ [entry]: "1" }, NO_PERMISSIONS, entry), {
      message: "it is neither TypeScript (.ts) nor JavaScript (.js)",
    });
  }
});

Deno.test("a file in UTF-16 is named as such", async () => {
  await using folder = await tempPlugins({
    "p.ts": 'import data from "./d.json" with { type: "json" };\n' +
      "export default { name: data.name };",
    "d.json": "",
  });
  await Deno.writeFile(
    folder.path("d.json"),
    new Uint8Array([0xff, 0xfe, 123, 0, 125, 0]),
  );

  await assert.rejects(readGraph(folder.path("p.ts"), NO_PERMISSIONS), {
    message: /"d\.json" is in UTF-16, save it as UTF-8/,
  });
});

Deno.test("a plugin has neither too many files nor too large ones", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 501 }, (_, at) => [`_${at}.ts`, `export {};`]),
  );
  const imports = Object.keys(many).map((name) => `import "./${name}";`);

  await assert.rejects(graphOf({ ...many, "p.ts": imports.join("\n") }), {
    message: "it has more than 500 files",
  });
  await assert.rejects(
    graphOf({ "p.ts": `// ${" ".repeat(4 * 1024 * 1024)}` }),
    { message: "its files are larger than 4194304 bytes" },
  );
  assert.equal(
    (await graphOf({ ...many, "p.ts": imports.slice(2).join("\n") })).length,
    500,
  );
});

Deno.test("what a module says about itself stays true in memory", async () => {
  const modules = await graphOf({
    "p.ts": 'const importMeta0 = import.meta.url + import.meta.resolve("./x");',
  });

  const text = modules[0]?.pieces.join("") ?? "";
  assert.match(
    text,
    /^const importMeta0 = importMeta1\(\)\.url \+ importMeta1/,
  );
  assert.match(
    text,
    /\nfunction importMeta1\(\) \{.*"url":"file:.*p\.ts".*\}\n$/,
  );
});
