/** What a plugin may import, and the words of each refusal. */
import assert from "node:assert/strict";
import {
  importTarget,
  isData,
  isModuleName,
} from "../../../src/plugin/loading/import_rule.ts";

const FROM = new URL("file:///plugins/lab/main.ts");
const SANDBOX = {} as never;

function target(
  specifier: string | undefined,
  { type, permissions = SANDBOX }: {
    readonly type?: string;
    readonly permissions?: never;
  } = {},
): string {
  const found = { specifier, type } as never;
  const result = importTarget(found, { from: FROM, permissions });
  return result.kind === "file" ? result.url.href : result.kind;
}

/** Specifier → what is loaded. */
const TAKEN = [
  ["./names.ts", "file:///plugins/lab/names.ts"],
  ["./names.mts", "file:///plugins/lab/names.mts"],
  ["../names.js", "file:///plugins/names.js"],
  ["./names.mjs", "file:///plugins/lab/names.mjs"],
  ["/names.ts", "file:///names.ts"],
  ["file:///etc/names.ts", "file:///etc/names.ts"],
  ["zod", "builtin"],
  ["node:assert", "builtin"],
  ["node:assert/strict", "builtin"],
  ["node:buffer", "builtin"],
  ["node:crypto", "builtin"],
  ["node:path", "builtin"],
  ["node:path/posix", "builtin"],
  ["node:path/win32", "builtin"],
  ["node:querystring", "builtin"],
  ["node:string_decoder", "builtin"],
  ["node:timers/promises", "builtin"],
  ["node:url", "builtin"],
  ["node:zlib", "builtin"],
] as const;

for (const [specifier, loaded] of TAKEN) {
  Deno.test(`a plugin may import ${specifier}`, () => {
    assert.equal(target(specifier), loaded);
  });
}

Deno.test("data is imported as data", () => {
  assert.equal(
    target("./names.json", { type: "json" }),
    "file:///plugins/lab/names.json",
  );
});

/** Specifier and attribute → the reason why it may not be imported. */
const REFUSED = [
  [
    undefined,
    undefined,
    'it imports a computed name, write a literal like "./names.ts"',
  ],
  [
    "./names.tsx",
    undefined,
    'it imports "./names.tsx", which is neither TypeScript (.ts) nor ' +
    "JavaScript (.js) nor JSON",
  ],
  [
    "./names.txt",
    undefined,
    'it imports "./names.txt", which is neither TypeScript (.ts) nor ' +
    "JavaScript (.js) nor JSON",
  ],
  [
    "./names.json",
    undefined,
    'it imports "./names.json" as a module, write with { type: "json" }',
  ],
  [
    "./names.json",
    "text",
    'it imports "./names.json" as "text", write with { type: "json" }',
  ],
  [
    "./names.ts",
    "json",
    'it imports "./names.ts" as "json", remove the attribute',
  ],
  ...["node:fs", "node:process", "node:vm", "node:module", "node:tty"].map(
    (name) =>
      [
        name,
        undefined,
        `it imports "${name}", which only trusted plugins may`,
      ] as const,
  ),
  [
    "lodash",
    undefined,
    'it imports "lodash", but the only packages for plugins are zod; use ' +
    '"import type" for types',
  ],
  [
    "zod/v3",
    undefined,
    'it imports "zod/v3", but the only packages for plugins are zod; use ' +
    '"import type" for types',
  ],
  [
    "npm:lodash",
    undefined,
    'it imports "npm:lodash", but plugins load nothing from "npm:", put a ' +
    "copy into its folder",
  ],
  [
    "https://a.test/a.ts",
    undefined,
    'it imports "https://a.test/a.ts", but plugins load nothing from ' +
    '"https:", put a copy into its folder',
  ],
] as const;

for (const [specifier, type, message] of REFUSED) {
  Deno.test(`a plugin may not import ${specifier} as ${type}`, () => {
    assert.throws(
      () => target(specifier, type === undefined ? {} : { type }),
      { name: "TypeError", message },
    );
  });
}

Deno.test("a trusted plugin may import all of Node.js, and no package more", () => {
  const permissions = "trusted" as never;
  assert.equal(target("node:fs", { permissions }), "builtin");
  assert.throws(() => target("lodash", { permissions }), /only packages/);
});

Deno.test("modules and data are known by their names", () => {
  for (const name of ["a.ts", "a.js", "a.mts", "a.mjs", "a.json"]) {
    assert.equal(isModuleName(name), true, name);
    assert.equal(isData(name), name === "a.json", name);
  }
  for (const name of ["a.tsx", "a.cts", "a.ts.txt", "ats", "a.jsonc", "a"]) {
    assert.equal(isModuleName(name), false, name);
    assert.equal(isData(name), false, name);
  }
});
