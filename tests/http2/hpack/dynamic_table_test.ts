import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import {
  checkedTableSize,
  DynamicTable,
  MAX_TABLE_SIZE,
} from "../../../src/http2/hpack/dynamic_table.ts";

/** The size of an entry with a name and a value of one octet each. */
const ENTRY = 34;

Deno.test("DynamicTable has the newest entry at index 0", () => {
  const table = new DynamicTable(4096);

  table.insert("a", "1");
  table.insert("b", "2");

  deepStrictEqual(contentOf(table), ["b", "2", "a", "1"]);
  strictEqual(table.size, 2 * ENTRY);
});

Deno.test("DynamicTable evicts the oldest when a new entry does not fit beside them", () => {
  const table = new DynamicTable(2 * ENTRY);

  table.insert("a", "1");
  table.insert("b", "2");
  table.insert("c", "3");

  deepStrictEqual(contentOf(table), ["c", "3", "b", "2"]);
});

Deno.test("DynamicTable takes an entry that fills it, and is emptied by a larger one", () => {
  const table = new DynamicTable(ENTRY);

  strictEqual(table.insert("a", "1"), 1);
  deepStrictEqual(contentOf(table), ["a", "1"]);
  strictEqual(table.insert("a", "12"), 0);

  strictEqual(table.length, 0);
  strictEqual(table.size, 0);
});

Deno.test("DynamicTable evicts at once when it is made smaller", () => {
  const table = new DynamicTable(4096);
  for (const name of ["a", "b", "c"]) table.insert(name, "1");

  table.resize(2 * ENTRY - 1);

  deepStrictEqual(contentOf(table), ["c", "1"]);
  strictEqual(table.maxSize, 2 * ENTRY - 1);
});

Deno.test("DynamicTable names the entries that leave, oldest first", () => {
  const left: [number, string, string][] = [];
  const table = new DynamicTable(2 * ENTRY, {
    onEvict: (...entry) => left.push(entry),
  });
  for (const name of ["a", "b", "c"]) table.insert(name, "1");

  table.resize(0);

  deepStrictEqual(left, [[1, "a", "1"], [2, "b", "1"], [3, "c", "1"]]);
});

Deno.test("DynamicTable keeps order through growth and many rounds of its ring", () => {
  const table = new DynamicTable(100_000);
  const model: string[] = [];

  for (let i = 0; i < 10_000; i++) {
    // Sizes rise and fall, so that the number of entries does too.
    const value = "v".repeat((i * 37) % 997) + i;
    table.insert("n", value);
    model.unshift("n", value);
  }

  deepStrictEqual(contentOf(table), model.slice(0, table.length * 2));
  strictEqual(table.length > 100, true);
});

Deno.test("checkedTableSize() takes whole numbers up to its bound and no other", () => {
  strictEqual(checkedTableSize(0), 0);
  strictEqual(checkedTableSize(MAX_TABLE_SIZE), MAX_TABLE_SIZE);
  for (const size of [-1, 0.5, NaN, Infinity, MAX_TABLE_SIZE + 1]) {
    throws(() => checkedTableSize(size), RangeError);
  }
});

function contentOf(table: DynamicTable): string[] {
  const content: string[] = [];
  for (let index = 0; index < table.length; index++) {
    content.push(table.nameAt(index), table.valueAt(index));
  }
  return content;
}
