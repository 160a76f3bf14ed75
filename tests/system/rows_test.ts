/** Holds the table of promises in `README.md` to the tests of this folder. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Tests of the tables in `README.md`, which make no promise to users. */
const ABOUT_THE_TABLES: readonly string[] = ["pages_test.ts", "rows_test.ts"];

/** A line of the table of promises: what is promised, and the file of its test. */
const LINE = /^\| (.+?) +\| \[`(\w+\.ts)`\]\((\w+\.ts)\) +\|$/;

/** The lines of the section "Promises" that are rows of its table. */
async function linesOfTable(): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${FOLDER}README.md`);
  const [, after = ""] = text.split("\n## Promises\n");
  const [section = ""] = after.split("\n## ");
  const [, , ...lines] = section.split("\n")
    .filter((line) => line.startsWith("|"));
  return lines;
}

async function testFiles(): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(FOLDER));
  return entries.map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts"));
}

Deno.test("every promise of the table names one test that exists", async () => {
  const lines = await linesOfTable();
  const files = new Set(await testFiles());
  assert.ok(lines.length >= 89, "promises have gone");

  const promises = lines.map((line) => {
    const [, promise, name = "", link] = LINE.exec(line) ?? [];
    assert.ok(promise, `a line is not as the others: ${line}`);
    assert.equal(name, link);
    assert.ok(files.has(name), name);
    return promise;
  });
  assert.equal(new Set(promises).size, promises.length, "a promise twice");
});

Deno.test("every test of this folder has a promise in the table", async () => {
  const table = (await linesOfTable()).join("\n");

  const without = (await testFiles())
    .filter((name) => !ABOUT_THE_TABLES.includes(name))
    .filter((name) => !table.includes(`[\`${name}\`](${name})`));
  assert.deepEqual(without, []);
});

Deno.test("no test names a row of a document from elsewhere", async () => {
  for (const name of await testFiles()) {
    if (name === "rows_test.ts") continue;
    const text = await Deno.readTextFile(FOLDER + name);

    assert.doesNotMatch(text, /\brows? \d+[,:)]|[Aa]cceptance rows?/, name);
  }
});
