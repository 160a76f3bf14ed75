/* Imports are found in all syntax of TypeScript. */
import assert from "node:assert/strict";
import { findImports } from "../../../src/plugin/loading/find_imports.ts";

/** What is imported, with what type of module if one is named. */
async function importsOf(text: string): Promise<readonly string[]> {
  const { imports } = await findImports(text);
  return imports.map(({ specifier = "computed", type }) =>
    type === undefined ? specifier : `${specifier} as ${type}`
  );
}

Deno.test.each([
  ['import "a"; import b from "b"; import * as c from "c"', ["a", "b", "c"]],
  ['export * from "a"; export { b } from "b"; export const d = 1;', ["a", "b"]],
  ['import { type A, type B } from "a"', ["a"]],
  [
    'import type A from "a"; import type { B } from "b"; export type { C } from "c"; export type * from "d"; type E = import("e").E; let f: typeof import("f")',
    [],
  ],
  ['import a from "a" with { type: "text" }', ["a as text"]],
  ['import a from "a" with { "type": "bytes" }', ["a as bytes"]],
  ['import a from "a" with { other: "json" }', ["a as computed"]],
  ['await import("a"); (() => import("b"))()', ["a", "b"]],
  ['import("a", { with: { type: "text" } })', ["a as text"]],
  ['import("a", { with: { ...type } })', ["a as computed"]],
  ['import("a", { ...{ with: { type: "text" } } })', ["a as computed"]],
  ["import(name); import(`a`); import('a' + '')", [
    "computed",
    "computed",
    "computed",
  ]],
  ['import a = require("a")', ["computed"]],
  ['export import a = require("a")', ["computed"]],
  [
    'const a = "import(\'b\')"; // import "c"\n/* import "d" */ /import "e"/',
    [],
  ],
  ['`${await import("a")}`; <any> import("b"); class C { [import("c")] = 1 }', [
    "a",
    "b",
    "c",
  ]],
  ['#!/usr/bin/env deno\nimport "\\x61\\u{62}"', ["ab"]],
  ['@(await import("a")) class A { @b accessor c = 1; declare d: string }', [
    "a",
  ]],
  [
    'namespace N { export const a = import("a") } enum E { A = 1 } abstract class C { constructor(private x: number) {} }',
    ["a"],
  ],
  [
    'await using a = await import("a"); const b = <T,>(x: T) => x satisfies T; for (using c of []) ;',
    ["a"],
  ],
])("findImports() reads %s", async (text, expected) => {
  assert.deepEqual(await importsOf(text), expected);
});

Deno.test.each([
  "<!-- import 'a'",
  "import defer * as a from 'a'",
  "import source a from 'a'",
  "with (a) {}",
  "import a from 'a' assert { type: 'json' }",
])("findImports() refuses what it does not know: %s", async (text) => {
  await assert.rejects(importsOf(text), { name: "SyntaxError" });
});

Deno.test("findImports() is not ended by a large text", async () => {
  const list = Array.from({ length: 200_000 }, () => "1").join();

  assert.deepEqual(await importsOf(`[${list}]; import "a"`), ["a"]);
});
