/** Plants what the rule of `wire_text.ts` is there for. @module */
import assert from "node:assert/strict";
import wireText from "./wire_text.ts";

function messages(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(wireText, filename, source)
    .map(({ message }) => message);
}

Deno.test.each([
  ["a.trim();"],
  ["list.map((each) => each.trimEnd());"],
  ["a?.trimStart();"],
  [String.raw`a.split(/\s*,\s*/);`],
  [String.raw`/^Bearer (\S+)$/.exec(a);`],
])(
  "ows-only reports %s where messages are read, and nowhere else",
  (source) => {
    for (
      const folder of [
        ...["http", "http1/parse", "http2", "http_server", "proxy", "tunnel"],
      ]
    ) {
      assert.equal(messages(`/p/src/${folder}/a.ts`, source).length > 0, true);
    }
    for (
      const file of ["src/config/a.ts", "src/http3/a.ts", "tests/http/a.ts"]
    ) {
      assert.deepEqual(messages(`/p/${file}`, source), []);
    }
  },
);

Deno.test("ows-only lets through what takes spaces and tabs", () => {
  for (
    const source of [
      "trimOws(a);",
      String.raw`/^[ \t]|[ \t]$/.test(a);`,
      "const trim = 1;",
      "'trim'.length;",
    ]
  ) {
    assert.deepEqual(messages("/p/src/http/a.ts", source), []);
  }
});
