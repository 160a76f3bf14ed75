import assert from "node:assert/strict";
import { hasUnseen, visible } from "../../src/log/visible.ts";

/** First and last of each range that a text may do something with, or in which nothing is seen. */
const UNSEEN = [
  ...["\u0000", "\u0009", "\u000a", "\u001b", "\u001f"], // C0
  ...["\u007f", "\u0080", "\u009b", "\u009f"], // DEL, C1
  ...["\u00ad", "\u061c", "\u180e"],
  ...["\u200b", "\u200c", "\u200d", "\u200e", "\u200f"], // of no width, marks
  ...["\u2028", "\u2029"], // separators
  ...["\u202a", "\u202b", "\u202c", "\u202d", "\u202e"], // embeddings, overrides
  ...["\u2060", "\u2064", "\u2066", "\u2067", "\u2068", "\u2069"], // isolates
  ...["\u206a", "\u206f", "\ufeff", "\ufff9", "\ufffb"],
  ...["\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"], // fillers
  ...["\ud800", "\udfff"], // halves of pairs
  ...["\u{e0001}", "\u{e0020}", "\u{e007f}"], // tags
];

for (const character of UNSEEN) {
  const shown = character.split("").map((unit) =>
    `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
  ).join("");
  Deno.test(`visible() writes ${shown} so that it is seen`, () => {
    assert.equal(visible(`a${character}b`), `a${shown}b`);
    assert.equal(hasUnseen(`a${character}b`), true);
  });
}

for (
  const text of ["shop.test", "größe", "日本語", "שלום", "🙂", 'a "b" \\ c']
) {
  Deno.test(`visible() leaves ${text} alone`, () => {
    assert.equal(visible(text), text);
    assert.equal(hasUnseen(text), false);
  });
}
