import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import { expectsContinue } from "../../src/http_server/expect_continue.ts";

for (
  const [value, isExpected] of [
    ["100-continue", true],
    ["100-Continue", true],
    [" \t100-continue\t ", true],
    ["x, 100-continue", true],
    // Only spaces and tabs surround a member of a list (RFC 9110 §5.6.3).
    ["100-continue\xa0", false],
    ["\xa0100-continue", false],
    ["100-continue\x0b", false],
    ["100-continue;q=1", false],
    ["", false],
  ] as const
) {
  Deno.test(`expectsContinue() is ${isExpected} for ${JSON.stringify(value)}`, () => {
    assert.equal(expectsContinue(new Fields(["Expect", value])), isExpected);
  });
}

Deno.test("expectsContinue() is false without the field", () => {
  assert.equal(expectsContinue(new Fields()), false);
});
