/** @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** A line of the table in `README.md`: its rows and the file of its test. */
const LINE =
  /^\| ([0-9][0-9, to]*?) +\| .* \| \[`(\w+\.ts)`\]\((\w+\.ts)\) +\|$/gm;

/** `"30 to 34"` and `"36, 37"` as numbers. */
function numbersOf(rows: string): readonly number[] {
  const [from = 0, to] = rows.split(" to ").map(Number);
  if (to === undefined) return rows.split(", ").map(Number);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** The rows that a client's acceptance is about. */
const CLIENT_ROWS: readonly number[] = [
  ...["1 to 7", "11 to 18", "30 to 39", "41 to 49", "62 to 66", "74 to 76"]
    .flatMap(numbersOf),
  70,
];

Deno.test("the table of rows names tests that exist, and every row of the client", async () => {
  const text = await Deno.readTextFile(`${FOLDER}README.md`);
  const lines = [...text.matchAll(LINE)];
  const table = text.split("\n").filter((line) => /^\| \d/.test(line));
  assert.equal(lines.length, table.length, "a line is not as the others");

  for (const [, , name = "", link = ""] of lines) {
    assert.equal(name, link);
    assert.ok((await Deno.stat(FOLDER + name)).isFile, name);
  }
  const rows = new Set(lines.flatMap(([, rows = ""]) => numbersOf(rows)));
  assert.deepEqual(CLIENT_ROWS.filter((row) => !rows.has(row)), []);
});

Deno.test("whoever says in a test's name which row it is for has a line in the table", async () => {
  const text = await Deno.readTextFile(`${FOLDER}README.md`);
  const known = new Map<string, Set<number>>();
  for (const [, rows = "", name = ""] of text.matchAll(LINE)) {
    const numbers = known.get(name) ?? new Set();
    known.set(name, numbers);
    for (const row of numbersOf(rows)) numbers.add(row);
  }

  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith("_test.ts") || name === "rows_test.ts") continue;
    const source = await Deno.readTextFile(FOLDER + name);
    for (const [, row] of source.matchAll(/[("]rows? (\d+)[:,)]/g)) {
      assert.ok(known.get(name)?.has(Number(row)), `${name} and row ${row}`);
    }
  }
});
