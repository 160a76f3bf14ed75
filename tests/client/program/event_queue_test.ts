import { deepEqual, equal } from "node:assert/strict";
import { ChangeEmitter } from "../../../src/async/change_feed.ts";
import { iterate } from "../../../src/client/program/event_queue.ts";

const OPTIONS = { first: 0, isLast: (event: number) => event === 9 };

Deno.test("iterate() begins with the first event, and ends after the last one", async () => {
  const feed = new ChangeEmitter<number>();
  const events = iterate(feed, OPTIONS);
  for (const event of [1, 2, 9, 10]) feed.publish(event);
  deepEqual(await Array.fromAsync(events), [0, 1, 2, 9]);
});

Deno.test("iterate() waits for events", async () => {
  const feed = new ChangeEmitter<number>();
  const events = iterate(feed, { ...OPTIONS, first: 5 });
  equal((await events.next()).value, 5);
  const both = Promise.all([events.next(), events.next()]);
  feed.publish(1);
  feed.publish(9);
  deepEqual((await both).map(({ value }) => value), [1, 9]);
  equal((await events.next()).done, true);
});

Deno.test("iterate() ends for who waits when somebody returns", async () => {
  const events = iterate(new ChangeEmitter<number>(), OPTIONS);
  await events.next();
  const waiting = events.next();
  await events.return?.();
  equal((await waiting).done, true);
});

Deno.test("iterate() keeps the newest events for a slow reader", async () => {
  const feed = new ChangeEmitter<number>();
  const events = iterate(feed, { first: 0, isLast: (event) => event === 999 });
  for (let event = 1; event <= 999; event += 1) feed.publish(event);
  const seen = await Array.fromAsync(events);
  equal(seen.length, 64);
  equal(seen.at(-1), 999);
});

Deno.test("iterate() is over at once where the first event is the last", async () => {
  const events = iterate(new ChangeEmitter<number>(), { ...OPTIONS, first: 9 });
  deepEqual(await Array.fromAsync(events), [9]);
});
