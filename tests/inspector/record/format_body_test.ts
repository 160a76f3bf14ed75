/** @module */
import assert from "node:assert/strict";
import { formatBody } from "../../../src/inspector/record/format_body.ts";

const JSON_TYPE = "application/problem+json; charset=utf-8";

Deno.test("JSON is indented, and none of its values changes", () => {
  const text =
    '{"big":12345678901234567890,"e":1.0e3,"a":[1,{"b":"x, \\"y\\": {"}],"a":[],"o":{ }}';

  assert.deepEqual(formatBody(text, JSON_TYPE), {
    kind: "json",
    text: [
      "{",
      '  "big": 12345678901234567890,',
      '  "e": 1.0e3,',
      '  "a": [',
      "    1,",
      "    {",
      '      "b": "x, \\"y\\": {"',
      "    }",
      "  ],",
      '  "a": [],',
      '  "o": {}',
      "}",
    ].join("\n"),
  });
});

Deno.test("a form is its fields, decoded", () => {
  const type = "application/x-www-form-urlencoded";
  assert.deepEqual(formatBody("a=1+2&b=%3Cb%3E&a=3", type), {
    kind: "form",
    fields: [["a", "1 2"], ["b", "<b>"], ["a", "3"]],
  });
});

Deno.test("other text stays as it is", () => {
  for (
    const [text, type] of [
      ["{", JSON_TYPE],
      ['{"a": "cut', JSON_TYPE],
      ["1", JSON_TYPE],
      [`[${" ".repeat(300_000)}1]`, JSON_TYPE],
      ["[".repeat(40) + "]".repeat(40), JSON_TYPE],
      ["a=1", "text/plain"],
      ["{}", "text/html"],
    ] as const
  ) assert.equal(formatBody(text, type), undefined, text.slice(0, 20));
});
