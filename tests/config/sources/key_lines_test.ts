/** Where options and their parts stand in a file. */
import assert from "node:assert/strict";
import { keyLines, partLines } from "../../../src/config/sources/key_lines.ts";

const lines = (path: string, text: string) =>
  Object.fromEntries(
    [...keyLines(path, text)].map((
      [name, { line, items }],
    ) => [name, [line, ...items]]),
  );

Deno.test("keyLines() finds options of YAML and the items of their lists and maps", () => {
  const text = [
    "# comment",
    "name: shop",
    "list:",
    "  - a",
    "  -",
    "  - c",
    "map:",
    "  b: 1",
    "  c: 2",
    "flow: [x, y]",
    "empty:",
  ].join("\n");
  assert.deepEqual(lines("a.yaml", text), {
    name: [2],
    list: [3, 4, 5, 6],
    map: [7, 8, 9],
    flow: [10, 10, 10],
    empty: [11],
  });
  assert.deepEqual(lines("a.yaml", "- a"), {});
  assert.deepEqual(lines("a.yml", "? [a]\n: 1\nb: 2"), { b: [3] });
});

Deno.test("keyLines() finds options of TOML before and in tables", () => {
  const text = [
    "# a = 1",
    "name = 'shop'",
    '"quoted name" = 1',
    "'single' = 2",
    "dotted.a = 1",
    "dotted.b = 1",
    'text = """',
    "inside = 1",
    '"""',
    'one = """x"""',
    "after = 1",
    "[table]",
    "key = 1",
    "[[array]]",
    "[[array]]",
    "[ 'odd' ]",
    '["even"]',
  ].join("\n");
  assert.deepEqual(lines("a.TOML", text), {
    name: [2],
    "quoted name": [3],
    single: [4],
    dotted: [5],
    text: [7],
    one: [10],
    after: [11],
    table: [12],
    array: [14],
    odd: [16],
    even: [17],
  });
});

Deno.test("partLines() leads through keys and numbers, as far as the file goes", () => {
  const lineOf = partLines(
    "a.yaml",
    ["plugins:", "  - a.ts", "  - use: b.ts", "    options:", "      x: 1"]
      .join("\n"),
  );
  assert.equal(lineOf(["plugins"]), 1);
  assert.equal(lineOf(["plugins", 0]), 2);
  assert.equal(lineOf(["plugins", 1]), 3);
  assert.equal(lineOf(["plugins", 1, "use"]), 3);
  assert.equal(lineOf(["plugins", 1, "options"]), 4);
  assert.equal(lineOf(["plugins", 1, "options", "x"]), 5);
  assert.equal(lineOf(["plugins", 1, "options", "y"]), 4);
  assert.equal(lineOf(["plugins", 7]), 1);
  assert.equal(lineOf(["plugins", 0, "x"]), 2);
  assert.equal(lineOf(["other"]), undefined);
  assert.equal(lineOf([]), undefined);
  assert.equal(partLines("a.toml", "a = 1")(["a"]), undefined);
});
