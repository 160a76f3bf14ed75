import assert from "node:assert/strict";

import { splitList } from "../../../src/config/sources/option_values.ts";

const LISTS = [
  ["a,b", ["a", "b"]],
  [" a , ,b,", ["a", "b"]],
  ["", []],
  ["data:base64,QQ==,/b.pem,data:x,y", [
    "data:base64,QQ==",
    "/b.pem",
    "data:x,y",
  ]],
] as const;

for (const [text, items] of LISTS) {
  Deno.test(`splitList() splits "${text}" into ${items.length} items`, () => {
    assert.deepEqual(splitList(text), items);
  });
}
