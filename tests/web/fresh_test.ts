import assert from "node:assert/strict";
import { ChangeEmitter } from "../../src/async/change_feed.ts";
import { Fresh } from "../../src/web/fresh.ts";
import { ManualClock } from "../server/manual_clock.ts";

Deno.test("Fresh works a value out once, and again after a change or a second", () => {
  const changes = new ChangeEmitter<unknown>();
  const clock = new ManualClock();
  const fresh = new Fresh<number>(changes, clock);
  let made = 0;
  const ask = (key: string) => fresh.of(key, () => made += 1);

  assert.deepEqual([ask("a"), ask("a"), ask("b"), ask("a")], [1, 1, 2, 1]);
  changes.publish("news");
  assert.deepEqual([ask("a"), ask("a")], [3, 3]);
  clock.advance(1_000);

  assert.equal(ask("a"), 4);
});

Deno.test("Fresh keeps a bounded number of values", () => {
  const fresh = new Fresh<string>(
    new ChangeEmitter<unknown>(),
    new ManualClock(),
  );
  let made = 0;
  const ask = (key: number) => fresh.of(`${key}`, () => `${made += 1}`);
  for (let key = 0; key < 100; key += 1) ask(key);

  assert.equal(ask(99), "100");
  assert.equal(ask(0), "101");
});
