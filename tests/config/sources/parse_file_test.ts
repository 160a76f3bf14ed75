import assert from "node:assert/strict";

import { parseFile } from "../../../src/config/sources/parse_file.ts";

Deno.test("parseFile() keeps YAML values as they are written", () => {
  const text = "a: 007\nb: 1e3\nc: true\nd: ~\ne:\nf: 'null'\ng: [1.10]\n";

  assert.deepEqual(parseFile("c.yml", text), {
    a: "007",
    b: "1e3",
    c: "true",
    d: null,
    e: null,
    f: "null",
    g: ["1.10"],
  });
});

Deno.test("parseFile() reads JSON with tabs and escapes", () => {
  const data = { "a": '\ud83d\ude00/\u0001"', "b": ["x"], "c": {} };

  assert.deepEqual(parseFile("c.json", JSON.stringify(data, null, "\t")), data);
  assert.deepEqual(parseFile("c.json", '{"a": "\\u0041\\/"}'), { a: "A/" });
});

Deno.test("parseFile() tells TOML by its extension", () => {
  assert.deepEqual({ ...Object(parseFile("C.TOML", "a = 1")) }, { a: 1 });
});

Deno.test("parseFile() does not expand aliases without end", () => {
  const levels = Array.from({ length: 9 }, (_, n) => {
    const items = n === 0 ? "x" : `*a${n - 1}`;
    return `a${n}: &a${n} [${Array(9).fill(items).join(", ")}]`;
  });

  assert.throws(() => parseFile("c.yaml", levels.join("\n")), {
    name: "ConfigError",
    code: "badFile",
  });
});
