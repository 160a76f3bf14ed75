import assert from "node:assert/strict";
import { isIdempotent } from "../../src/http/methods.ts";

for (
  const [method, expected] of [
    ["GET", true],
    ["HEAD", true],
    ["OPTIONS", true],
    ["TRACE", true],
    ["PUT", true],
    ["DELETE", true],
    ["POST", false],
    ["PATCH", false],
    ["CONNECT", false],
    // Methods are case-sensitive.
    ["get", false],
    ["PROPFIND", false],
  ] as const
) {
  Deno.test(`isIdempotent() says ${expected} of ${method}`, () => {
    assert.equal(isIdempotent(method), expected);
  });
}
