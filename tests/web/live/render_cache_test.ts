import assert from "node:assert/strict";
import { ChangeEmitter } from "../../../src/async/change_feed.ts";
import { RenderCache } from "../../../src/web/live/render_cache.ts";
import { ManualClock } from "../../server/manual_clock.ts";

Deno.test("RenderCache renders once, and again after a change or a second", () => {
  const changes = new ChangeEmitter<unknown>();
  const clock = new ManualClock();
  const cache = new RenderCache<number>(changes, clock);
  let made = 0;
  const get = (key: string) => cache.get(key, () => made += 1);

  assert.deepEqual([get("a"), get("a"), get("b"), get("a")], [1, 1, 2, 1]);
  changes.publish("news");
  assert.deepEqual([get("a"), get("a")], [3, 3]);
  clock.advance(1_000);

  assert.equal(get("a"), 4);
});

Deno.test("RenderCache keeps a bounded number of values", () => {
  const cache = new RenderCache<string>(
    new ChangeEmitter<unknown>(),
    new ManualClock(),
  );
  let made = 0;
  const get = (key: number) => cache.get(`${key}`, () => `${made += 1}`);
  for (let key = 0; key < 100; key += 1) get(key);

  assert.equal(get(99), "100");
  assert.equal(get(0), "101");
});
