/** Plants a function and a file that are one line too long. @module */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import sizes from "./sizes.ts";
import { textsOf } from "./sources.ts";

function messages(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(sizes, filename, source)
    .map(({ message }) => message);
}

function functionOf(lines: number): string {
  return `function f() {\n${"// why\n".repeat(lines - 2)}}\n`;
}

Deno.test("max-function-lines counts comments and stops at 60", () => {
  assert.deepEqual(messages("/p/src/net/x.ts", functionOf(60)), []);
  assert.deepEqual(messages("/p/src/net/x.ts", functionOf(61)), [
    "A function of 61 lines is over 60",
  ]);
  assert.deepEqual(
    messages("/p/src/net/x.ts", `const f = ${functionOf(61).slice(0, -1)};\n`),
    ["A function of 61 lines is over 60"],
  );
});

Deno.test("max-file-lines stops at 400", () => {
  assert.deepEqual(messages("/p/src/net/x.ts", "a();\n".repeat(400)), []);
  assert.deepEqual(messages("/p/main.ts", "a();\n".repeat(401)), [
    "A file of 401 lines is over 400",
  ]);
});

Deno.test("the sizes of tests are nobody's business", () => {
  assert.deepEqual(messages("/p/tests/x_test.ts", "a();\n".repeat(500)), []);
});

Deno.test("a folder of src shows its parts at a glance: 20 files at most", async () => {
  const counts = new Map<string, number>();
  for (const [path] of await textsOf("src")) {
    const folder = dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }

  const large = [...counts].filter(([, count]) => count > 20);

  assert.deepEqual(large, []);
  assert.ok(counts.size > 50, `only ${counts.size} folders were found`);
});
