import { strictEqual } from "node:assert/strict";
import { indexingOf } from "../../../src/http2/hpack/indexing.ts";

const SECRETS: readonly (readonly [string, string])[] = [
  ["authorization", "Basic dXNlcjprZXk="],
  ["proxy-authorization", "Basic dXNlcjprZXk="],
  ["set-cookie", "id=1"],
  ["cookie", "pin=1234"],
  ["cookie", "1234567890123456789"],
];

for (const [name, value] of SECRETS) {
  Deno.test(`indexingOf() keeps "${name}" of ${value.length} octets out of every table`, () => {
    strictEqual(indexingOf(name, value), "never");
  });
}

Deno.test("indexingOf() adds a cookie that is too long to guess", () => {
  strictEqual(indexingOf("cookie", "12345678901234567890"), "add");
});

Deno.test("indexingOf() does not add what is new each time", () => {
  strictEqual(indexingOf(":path", "/a"), "once");
  strictEqual(indexingOf("content-length", "7"), "once");
});

Deno.test("indexingOf() adds all other fields", () => {
  strictEqual(indexingOf("user-agent", "x"), "add");
  strictEqual(indexingOf("x-anything", ""), "add");
});
