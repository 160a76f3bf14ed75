import assert from "node:assert/strict";
import { jsonText, textTable } from "../../src/cli/table.ts";

Deno.test("a table has a heading and columns, and a dash for nothing", () => {
  assert.equal(
    textTable(["name", "last use"], [["long-name", undefined], ["b", "now"]]),
    "NAME       LAST USE\n" +
      "long-name  -\n" +
      "b          now\n",
  );
});

Deno.test("what others have named moves no cursor", () => {
  assert.equal(
    textTable(["name"], [["a\x1b[2Jb"]]),
    "NAME\na\\u001b[2Jb\n",
  );
});

Deno.test("jsonText() is JSON in lines", () => {
  assert.equal(jsonText([{ a: 1 }]), '[\n  {\n    "a": 1\n  }\n]\n');
});
