/** Requests of a plugin wait in line for one of its places. */
import assert from "node:assert/strict";
import {
  FetchLine,
  MAX_FETCHES,
} from "../../../src/plugin/running/fetch_line.ts";
import { countedSignal } from "../../testing/counted_signal.ts";

const { signal } = new AbortController();

/** A line whose places are all taken. */
async function fullLine() {
  const line = new FetchLine();
  const taken = await Promise.all(
    Array.from({ length: MAX_FETCHES }, () => line.enter(signal)),
  );
  const entered: string[] = [];
  const enter = (name: string, until: AbortSignal = signal) =>
    line.enter(until).then((place) => {
      entered.push(name);
      return place;
    });
  const leave = (at: number) => taken[at]?.[Symbol.dispose]();
  return { entered, enter, leave };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await null;
}

Deno.test("64 requests have a place, and the next one waits for one of theirs", async () => {
  assert.equal(MAX_FETCHES, 64);
  const { entered, enter, leave } = await fullLine();
  void enter("a");
  void enter("b");
  await settle();
  assert.equal(entered.join(), "");

  leave(5);
  await settle();
  assert.equal(entered.join(), "a");

  leave(6);
  await settle();
  assert.equal(entered.join(), "a,b");
});

Deno.test("a place is given back once", async () => {
  const { entered, enter, leave } = await fullLine();
  void enter("a");
  void enter("b");
  leave(0);
  leave(0);
  await settle();
  assert.equal(entered.join(), "a");
});

Deno.test("a place that nobody waits for is free", async () => {
  const { entered, enter, leave } = await fullLine();
  leave(0);
  await enter("a");
  void enter("b");
  await settle();
  assert.equal(entered.join(), "a");
});

Deno.test("nobody gets past the one whose turn it is", async () => {
  const { entered, enter, leave } = await fullLine();
  void enter("waits");
  await settle();
  leave(0);
  // It comes before the first one has seen its turn.
  void enter("comes later");
  await settle();
  assert.equal(entered.join(), "waits");
  leave(1);
  await settle();
  assert.equal(entered.join(), "waits,comes later");
});

Deno.test("a request that is given up leaves the line to the others", async () => {
  const { entered, enter, leave } = await fullLine();
  const given = new AbortController();
  const waiting = enter("given up", given.signal);
  void enter("stays");
  const reason = new Error("its time is up");
  given.abort(reason);
  await assert.rejects(waiting, reason);

  leave(0);
  await settle();
  assert.equal(entered.join(), "stays");
});

Deno.test("a place that comes back while a request is given up is not lost", async () => {
  const { entered, enter, leave } = await fullLine();
  const given = new AbortController();
  const waiting = enter("given up", given.signal);
  void enter("stays");
  given.abort(new Error("its time is up"));
  leave(0);
  await assert.rejects(waiting);
  await settle();
  assert.equal(entered.join(), "stays");
});

Deno.test("a request that is given up already takes no place", async () => {
  const line = new FetchLine();
  const reason = new Error("its time is up");
  await assert.rejects(line.enter(AbortSignal.abort(reason)), reason);
});

Deno.test("nobody listens to a signal after the wait", async () => {
  const { enter, leave } = await fullLine();
  const counted = countedSignal();
  const waiting = enter("a", counted.signal);
  await settle();
  assert.equal(counted.listeners, 1);
  leave(0);
  await waiting;
  assert.equal(counted.listeners, 0);
});
