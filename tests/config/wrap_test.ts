import assert from "node:assert/strict";

import { wrap } from "../../src/config/wrap.ts";

Deno.test("wrap() breaks at spaces before column 81 and keeps long words", () => {
  const word = "x".repeat(90);

  const lines = wrap(`${"ab ".repeat(30)}${word} end`, "# ");

  assert.deepEqual(lines, [
    `# ${"ab ".repeat(26).trim()}`,
    "# ab ab ab ab",
    `# ${word}`,
    "# end",
  ]);
});

Deno.test("wrap() keeps line breaks, and the spaces of a line that fits", () => {
  assert.deepEqual(wrap("one\n\n  two   three", ""), [
    "one",
    "",
    "  two   three",
  ]);
});
