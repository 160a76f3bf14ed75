/** Holds the documents to plain English and to their size. */
import assert from "node:assert/strict";
import {
  countWords,
  DOCUMENTS,
  proseOf,
  read,
  sentencesOf,
} from "./documents.ts";

/** Words of a sentence, on average over a document. */
const MOST_WORDS = 20;

/** Phrases that readers stumble over. */
const BANNED: readonly RegExp[] = [
  /\bwhoever\b/i,
  /\bwhosever\b/i,
  /\bwho so\b/i,
  /\banew\b/i,
  /\bunder way\b/i,
  /\bunless (?:given|told)\b/i,
  /\bshall\b/i,
  /\b(?:is|are|was|were) (?:no|none)\b(?! longer)/i,
  /\b(?:is|are|was|were) told\b/i,
  /\bby turns\b/i,
  /\bnot to be had\b/i,
  // "Who asks is told": a sentence without its subject.
  /(?:^|[.:!] |^#+ )Who (?![^.!?\n]*\?)/m,
];

/** Quotations that keep a banned phrase. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {};

/** Documents that must stay short, and their words. */
const LIMITS: Readonly<Record<string, number>> = {
  "README.md": 900,
  ".github/ARCHITECTURE.md": 1_300,
  "CHANGELOG.md": 500,
};
const DECISION_LIMIT = 300;

Deno.test("documents have short sentences", async () => {
  for (const document of DOCUMENTS) {
    const sentences = sentencesOf(await read(document));
    const average = countWords(sentences.join(" ")) / sentences.length;
    const longest = sentences
      .toSorted((a, b) => countWords(b) - countWords(a)).slice(0, 3);

    assert.ok(
      sentences.length === 0 || average <= MOST_WORDS,
      `${document}: ${average.toFixed(1)} words, as in\n${longest.join("\n")}`,
    );
  }
});

/** What of a document must be plain: prose and tables, without quoted code. */
function plainPartOf(text: string): string {
  const tables = text.match(/^\|.*$/gm)?.join("\n") ?? "";
  return `${proseOf(text)}\n${tables}`
    .replaceAll(/`[^`]*`/g, "…")
    .replaceAll(/ ?\n(?=\S)(?![-#|\d])/g, " ");
}

Deno.test("documents use ordinary words", async () => {
  for (const document of DOCUMENTS) {
    const text = (ALLOWED[document] ?? []).reduce(
      (rest, phrase) => rest.replace(phrase, ""),
      plainPartOf(await read(document)),
    );

    const found = BANNED.flatMap((phrase) => phrase.exec(text)?.[0] ?? []);
    assert.deepEqual(found, [], document);
  }
});

Deno.test("README, ARCHITECTURE, CHANGELOG and decisions are short", async () => {
  for (const document of DOCUMENTS) {
    const most = document.startsWith(".github/decisions/")
      ? DECISION_LIMIT
      : LIMITS[document];
    if (most === undefined) continue;
    const words = countWords(await read(document));

    assert.ok(words <= most, `${document}: ${words} words, ${most} allowed`);
  }
});

Deno.test("sentencesOf() takes prose, and ends a sentence at a list item", () => {
  const text = "# Title\n\nOne two. Three `a.b` four.\n\n- five\n- six\n\n" +
    "```sh\nnot this\n```\n\n| nor | this |\n\n    nor this\n";

  assert.deepEqual(sentencesOf(text), [
    "One two.",
    "Three `a.b` four.",
    "- five",
    "- six",
  ]);
});

Deno.test("the rules about words find what they forbid", () => {
  const bad = [
    "Whoever asks gets it.",
    "It begins anew.",
    "There is no way.",
    "Done. Who asks is refused.",
    "It shall pass.",
  ];
  for (const sentence of bad) {
    assert.ok(BANNED.some((phrase) => phrase.test(sentence)), sentence);
  }
  assert.ok(!BANNED.some((phrase) => phrase.test("Who may use it?")));
});
