/** Holds comments to plain English. */
import assert from "node:assert/strict";
import { textsOf } from "./sources.ts";

/** A block, lines below each other, or the end of a line. */
const COMMENT = /^[ \t]*\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+|[ \t]\/\/ .*/gm;

/** Phrases that readers stumble over. */
const BANNED: readonly RegExp[] = [
  /\bwhoever\b/i,
  /\banew\b/i,
  /\bunder way\b/i,
  /\bshall\b/i,
  /\bby turns\b/i,
  /\bunless (?:given|told)\b/i,
  /\b(?:is|are|was|were) told\b/i,
  /(?<!\bthere )\b(?:is|are|was|were) (?:no|none)\b(?! longer)/i,
];

/** What comments say, each on one line, without code and quotations. */
function commentsIn(text: string): readonly string[] {
  return Array.from(
    text.matchAll(COMMENT),
    ([comment]) =>
      comment.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ")
        .replaceAll(/`[^`]*`|"[^"]*"/g, "…"),
  );
}

Deno.test("comments use ordinary words", async () => {
  const found: string[] = [];
  let count = 0;
  for (
    const [path, text] of [...await textsOf("src"), ...await textsOf("tests")]
  ) {
    if (path === "tests/lint/comments_test.ts") continue;
    for (const comment of commentsIn(text)) {
      count += 1;
      const isBad = BANNED.some((phrase) => phrase.test(comment));
      if (isBad) found.push(`${path}: ${comment.trim()}`);
    }
  }

  assert.deepEqual(found, []);
  assert.ok(count > 9_000, `only ${count} were found`);
});

Deno.test("the rule finds comments of all kinds, and leaves quotations", () => {
  const texts = [
    "/** Whoever asks. */\n",
    "  // It begins\n  // anew.\n",
    'call(); // "is told" is what nobody is told\n',
    "/**\n * This is\n * none.\n */\n",
  ];
  for (const text of texts) {
    const [comment = ""] = commentsIn(text);
    assert.ok(BANNED.some((phrase) => phrase.test(comment)), text);
  }
  const [quoted = ""] = commentsIn('// Says "is told", and there is none.\n');
  assert.ok(!BANNED.some((phrase) => phrase.test(quoted)));
});
