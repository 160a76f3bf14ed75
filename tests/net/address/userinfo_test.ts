/** @module */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  decodeUserinfo,
  formatUserinfo,
  parseUserinfo,
} from "../../../src/net/address/userinfo.ts";

for (
  const [text, decoded] of [
    ["s%3Acr%40t", "s:cr@t"],
    ["%C3%A9t%c3%a9", "été"],
    // What people type: a percent sign that encodes nothing.
    ["100%", "100%"],
    ["50%off", "50%off"],
    ["%", "%"],
    ["%%41", "%A"],
    ["a%2", "a%2"],
    ["%zz%40", "%zz@"],
    // These bytes are not a character.
    ["%ff%40", "%ff%40"],
    // How a percent sign is written that would encode something.
    ["%2541", "%41"],
  ] as const
) {
  Deno.test(`decodeUserinfo("${text}") is "${decoded}"`, () => {
    assert.equal(decodeUserinfo(text), decoded);
  });
}

Deno.test("parseUserinfo() reads what formatUserinfo() has written, whatever it is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme" }),
      (username, password) => {
        const credentials = { username, password };
        assert.deepEqual(
          parseUserinfo(formatUserinfo(credentials)),
          credentials,
        );
      },
    ),
  );
});
