import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";

const sample = () => new Fields(["A", "1", "B", "2", "a", "3"]);

Deno.test("Fields finds lines whatever their case", () => {
  assert.deepEqual(
    [
      sample().get("a"),
      sample().get("B"),
      sample().get("c"),
      sample().has("b"),
    ],
    ["1", "2", undefined, true],
  );
});

Deno.test("Fields keeps order, case and repeats", () => {
  assert.deepEqual([...sample()], [["A", "1"], ["B", "2"], ["a", "3"]]);
  assert.equal(sample().size, 3);
});

Deno.test("Fields gives all lines of one name, or them as one list", () => {
  assert.deepEqual(sample().getAll("A"), ["1", "3"]);
  assert.deepEqual(
    [sample().getList("A"), sample().getList("b"), sample().getList("c")],
    ["1, 3", "2", undefined],
  );
});

Deno.test("Fields.set() replaces the first line where it stands and removes the others", () => {
  const fields = sample();

  fields.set("a", "9");
  fields.set("C", "4");

  assert.deepEqual(fields.flat, ["A", "9", "B", "2", "C", "4"]);
});

Deno.test("Fields.delete() removes all lines and says whether there were any", () => {
  const fields = sample();

  assert.deepEqual([fields.delete("a"), fields.delete("a")], [true, false]);
  assert.deepEqual(fields.flat, ["B", "2"]);
});

Deno.test("Fields.clone() is independent", () => {
  const fields = sample();

  fields.clone().append("C", "4");

  assert.equal(fields.has("c"), false);
});
