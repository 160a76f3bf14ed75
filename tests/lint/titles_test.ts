/** Holds the titles of tests to plain English. */
import assert from "node:assert/strict";
import { textsOf } from "./sources.ts";

/** The title of a test or of a step, quoted. */
const TITLE =
  /(?:\bDeno\.test\(\s*|\bt\.step\(\s*|^\s*name:\s*|^\]\)\(\s*)(["`])((?:(?!\1).)+)\1/gm;

/** Phrases that readers stumble over; a response of HTTP is not an answer. */
const BANNED: readonly RegExp[] = [
  /\bwhoever\b/i,
  /\banew\b/i,
  /\bunder way\b/i,
  /\bshall\b/i,
  /\bby turns\b/i,
  /\bunless (?:given|told)\b/i,
  /\b(?:is|are|was|were) (?:no|none)\b(?! longer)/i,
  /\b(?:is|are|was|were) (?:told|asked|answered)\b/i,
  /^who /i,
];

Deno.test("titles of tests use ordinary words", async () => {
  const found: string[] = [];
  let count = 0;
  for (const [path, text] of await textsOf("tests")) {
    if (!path.endsWith("_test.ts")) continue;
    for (const [, , title = ""] of text.matchAll(TITLE)) {
      count += 1;
      const isBad = BANNED.some((phrase) => phrase.test(title));
      if (isBad) found.push(`${path}: ${title}`);
    }
  }

  assert.deepEqual(found, []);
  assert.ok(count > 1_500, `only ${count} were found`);
});
