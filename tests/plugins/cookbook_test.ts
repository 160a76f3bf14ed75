/** Every recipe says how to configure it, and has a test. @module */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";

const COOKBOOK = new URL("../../plugins/cookbook/", import.meta.url);
const RECIPES = (await Array.fromAsync(Deno.readDir(COOKBOOK)))
  .map(({ name }) => name).toSorted();

/** The comment that a file begins with, without its marks, and the code. */
function partsOf(text: string): { head: string; code: string } {
  const [whole = "", comment = ""] = /^\/\*\*\n(.*?) \*\/\n/s.exec(text) ?? [];
  return {
    head: comment.replace(/^ \* ?/gm, ""),
    code: text.slice(whole.length),
  };
}

/** The plugins in the configuration that a comment shows. */
function listIn(head: string): readonly Record<string, unknown>[] {
  const [, yaml = "plugins: []"] = /```yaml\n(.*?)```/s.exec(head) ?? [];
  return parse(yaml).plugins;
}

for (const recipe of RECIPES) {
  Deno.test(`recipe ${recipe} says what it does, and how to configure its options`, async () => {
    const text = await Deno.readTextFile(new URL(recipe, COOKBOOK));
    const { head, code } = partsOf(text);
    const [listed] = listIn(head);

    assert.match(head, /^[A-Z].*[.:]$/ms);
    if (listed !== undefined) assert.equal(basename(`${listed.use}`), recipe);
    assert.equal(
      listed?.options !== undefined,
      /\boptions\b/.test(code),
      "the options are in one of both: comment or code",
    );
    // A request of its own needs a permission, which the list has to give.
    assert.equal(
      listed?.allow !== undefined,
      /\bfetch\b|\bDeno\./.test(code),
      "permissions are in one of both: comment or code",
    );
  });

  Deno.test(`recipe ${recipe} has a test`, () => {
    const test = recipe.replace(".ts", "_test.ts");
    const path = new URL(`cookbook/${test}`, import.meta.url);

    assert.ok(existsSync(path), `tests/plugins/cookbook/${test} is missing`);
  });
}

Deno.test("the table of uses has every recipe, and each row tests that know it", async () => {
  const readme = new URL("README.md", import.meta.url);
  const rows = (await Deno.readTextFile(readme)).split("\n")
    .filter((line) => line.includes("](../../plugins/"));

  for (const row of rows) {
    const [plugin = "", ...tests] = [...row.matchAll(/\]\(([^)]+)\)/g)]
      .map(([, path]) => path ?? "");
    assert.ok(existsSync(new URL(plugin, readme)), plugin);
    assert.ok(tests.length >= 2, row);
    for (const test of tests) {
      const text = await Deno.readTextFile(new URL(test, readme));
      assert.match(text, RegExp(`\\b${basename(plugin, ".ts")}\\b`), test);
    }
  }
  const inTable = rows.flatMap((row) =>
    [.../cookbook\/(\w+\.ts)\)/.exec(row) ?? []].slice(1)
  );
  assert.deepEqual(inTable.toSorted(), RECIPES);
});
