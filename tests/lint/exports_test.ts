/** @module */
import assert from "node:assert/strict";
import { exportedTwice } from "./exports.ts";
import { textsOf } from "./sources.ts";

Deno.test("nothing that src/ exports has two meanings", async () => {
  assert.deepEqual(exportedTwice(await textsOf("src")), []);
});

Deno.test("exportedTwice() finds every kind of declaration, and no local one", () => {
  const found = exportedTwice([
    ["a.ts", "export const a = 1;\nexport interface B {}\nconst c = 1;"],
    ["b.ts", "export function a() {}\nexport class B {}\nexport const c = 1;"],
    ["c.ts", "export async function* d() {}\nexport { a } from './a.ts';"],
    ["d.ts", "export abstract class d {}\n// export type B = 1;"],
  ]);

  assert.deepEqual(found, [
    "a: a.ts, b.ts",
    "B: a.ts, b.ts",
    "d: c.ts, d.ts",
  ]);
});
