import assert from "node:assert/strict";
import { ChangeEmitter } from "../../src/async/change_feed.ts";

Deno.test("ChangeEmitter calls all listeners in the order of the changes", () => {
  const feed = new ChangeEmitter<number>();
  const seen: string[] = [];
  feed.subscribe((change) => seen.push(`a${change}`));
  feed.subscribe((change) => seen.push(`b${change}`));

  feed.publish(1);
  feed.publish(2);

  assert.deepEqual(seen, ["a1", "b1", "a2", "b2"]);
});

Deno.test("ChangeEmitter forgets a listener that was disposed, and only that one", () => {
  const feed = new ChangeEmitter<number>();
  const seen: number[] = [];
  const listener = (change: number) => seen.push(change);
  const first = feed.subscribe(listener);
  feed.subscribe(listener);

  first[Symbol.dispose]();
  feed.publish(7);

  assert.deepEqual(seen, [7]);
});
