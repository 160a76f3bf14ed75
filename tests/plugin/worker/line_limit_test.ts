import assert from "node:assert/strict";
import {
  checkedLine,
  LineLimit,
} from "../../../src/plugin/worker/line_limit.ts";

const LINE = { level: "info", message: "again", fields: { a: 1 } } as const;

Deno.test("an end may allow another number of lines", () => {
  const lines: unknown[] = [];
  const limit = new LineLimit((line) => lines.push(line), 2);

  for (let count = 0; count < 50; count += 1) limit.write(LINE);

  // A second may end meanwhile: then there is a line about the others.
  assert.ok(lines.length >= 2 && lines.length <= 5, `${lines.length} lines`);
  assert.equal(lines[0], LINE);
});

Deno.test("checkedLine() takes lines and nothing else", () => {
  assert.deepEqual(checkedLine({ ...LINE, more: 1 }), LINE);
  for (
    const wrong of [
      null,
      "text",
      { ...LINE, level: "constructor" },
      { ...LINE, level: ["info"] },
      { ...LINE, message: 1 },
      { ...LINE, fields: null },
      { ...LINE, fields: "text" },
    ]
  ) {
    assert.throws(() => checkedLine(wrong), TypeError);
  }
});
