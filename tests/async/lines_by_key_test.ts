import assert from "node:assert/strict";
import { LinesByKey } from "../../src/async/lines_by_key.ts";

function linesOf(
  entries: readonly string[],
  maxEntries = 100,
): { readonly lines: LinesByKey<string>; readonly dropped: string[] } {
  const lines = new LinesByKey<string>(maxEntries);
  const dropped = entries.flatMap((entry) =>
    lines.add(entry[0] ?? "", entry) ?? []
  );
  return { lines, dropped };
}

function rest(lines: LinesByKey<string>): string[] {
  return Array.from({ length: lines.size }, () => lines.shift() ?? "");
}

Deno.test("LinesByKey serves lines in turn, each in order", () => {
  const { lines } = linesOf(["a1", "a2", "a3", "b1", "c1", "c2"]);

  assert.equal(lines.size, 6);
  assert.deepEqual(rest(lines), ["a1", "b1", "c1", "a2", "c2", "a3"]);
  assert.equal(lines.shift(), undefined);
});

Deno.test("LinesByKey lets entries leave", () => {
  const { lines } = linesOf(["a1", "a2", "b1"]);

  lines.delete("a", "a1");
  lines.delete("b", "b1");
  lines.delete("b", "b1");

  assert.equal(lines.size, 1);
  assert.deepEqual([...lines.of("a")], ["a2"]);
  assert.deepEqual([...lines.of("b")], []);
  assert.deepEqual(rest(lines), ["a2"]);
});

Deno.test("LinesByKey has the newest entry of the longest line give way when it is full", () => {
  const { lines, dropped } = linesOf(["a1", "a2", "a3", "b1", "c1"], 3);

  assert.deepEqual(dropped, ["a3", "a2"]);
  assert.deepEqual(rest(lines), ["a1", "b1", "c1"]);
});

Deno.test("LinesByKey refuses a new line when every entry has a line of its own", () => {
  const { lines, dropped } = linesOf(["a1", "b1", "c1"], 2);

  assert.deepEqual(dropped, ["c1"]);
  assert.deepEqual(rest(lines), ["a1", "b1"]);
});
