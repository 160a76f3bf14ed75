/** How large expressions are taken for, token by token. */
import assert from "node:assert/strict";
import { RE2JS } from "re2js";
import {
  compiledSize,
  estimate,
} from "../../../src/net/domains/expression_size.ts";

const PLENTY = 1_000_000;

/** Expression → steps, repetitions. */
const ESTIMATES: readonly (readonly [string, number, number])[] = [
  ["", 0, 0],
  ["shop", 4, 0],
  ["a.c", 3, 0],
  // Marks of repetition.
  ["a*", 2, 1],
  ["a+b?", 4, 2],
  // Escapes.
  ["\\.", 1, 0],
  ["\\.\\.", 2, 0],
  ["\\", 1, 0],
  ["\\pL", 700, 0],
  ["\\PL", 700, 0],
  ["\\p{Greek}a", 701, 0],
  ["\\x{7f}", 1, 0],
  ["\\x{80}", 2_000, 0],
  ["\\x{80}a", 2_001, 0],
  ["\\177", 1, 0],
  ["\\200", 2_000, 0],
  ["\\\u007f", 1, 0],
  ["\\\u0080", 2_000, 0],
  // Characters beyond ASCII.
  ["\u007f", 1, 0],
  ["\u0080", 2_000, 0],
  ["ä1", 2_001, 0],
  // `(?` opens a group, and repeats nothing.
  ["(?:a)", 4, 0],
  ["(a)", 3, 0],
  ["(?:a)?", 5, 1],
  // So many copies of one character.
  ["a{1}", 2, 0],
  ["a{2}", 3, 1],
  ["a{3}", 4, 2],
  ["a{3,}", 4, 2],
  ["a{1,4}", 5, 3],
  ["a{4,4}b", 6, 3],
  // Of everything before them, behind a bracket or another repetition.
  ["(ab){3}", 13, 10],
  ["ab*{3}", 10, 9],
  ["ab+{3}", 10, 9],
  ["ab?{3}", 10, 9],
  ["xab{2}{3}", 16, 13],
  ["ab{3}", 5, 2],
  ["\\pL{3}", 2_101, 2],
  // Braces without numbers are text.
  ["a{b}", 4, 0],
  ["a{,3}", 5, 0],
];

for (const [expression, size, repeated] of ESTIMATES) {
  Deno.test(`estimate() of ${JSON.stringify(expression)} is ${size}, ${repeated} repeated`, () => {
    assert.deepEqual(estimate(expression, PLENTY), { size, repeated });
  });
}

Deno.test("estimate() stops above what is enough, not at it", () => {
  assert.equal(estimate("abcdef", 3).size, 4);
  assert.equal(estimate("abcdef", 6).size, 6);
  assert.equal(estimate("abcdef", 5).size, 6);
});

Deno.test("compiledSize() counts an instruction, and each further range", () => {
  const size = (text: string) => compiledSize(RE2JS.compile(text));

  assert.equal(size("ab") - size("a"), 1);
  assert.equal(size("[a-cx-z]") - size("[a-c]"), 1);
  assert.equal(size("[a-cm-ox-z]") - size("[a-c]"), 2);
  assert.ok(size("\\pL") > 600);
});
