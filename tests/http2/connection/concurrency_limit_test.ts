/** Places for streams: how many, in which order, and how long one waits. */
import assert from "node:assert/strict";
import { ConcurrencyLimit } from "../../../src/http2/connection/concurrency_limit.ts";
import { StreamLimitError } from "../../../src/http2/errors.ts";
import { ManualClock } from "../../server/manual_clock.ts";
import { countedSignal } from "../../testing/counted_signal.ts";

function setUp(limit: number, { maxWaiting = 9, maxWait = 0 } = {}) {
  const clock = new ManualClock();
  const places = new ConcurrencyLimit(limit, { maxWaiting, maxWait, clock });
  const heard: string[] = [];
  /** Acquires a place, and notes when it came. */
  const acquire = async (name: string, signal?: AbortSignal) => {
    try {
      await places.acquire(signal);
      heard.push(name);
    } catch (error) {
      heard.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  };
  return { clock, places, heard, acquire };
}

/** Lets everything that can go on go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined;
}

Deno.test("as many places are given as the limit has, the others in order as they come back", async () => {
  const { places, heard, acquire } = setUp(2);
  for (const name of ["a", "b", "c", "d"]) void acquire(name);
  await settled();
  assert.deepEqual(heard, ["a", "b"]);
  assert.equal(places.limit, 2);

  places.release();
  await settled();
  assert.deepEqual(heard, ["a", "b", "c"]);
  void acquire("e");
  places.release();
  places.release();
  await settled();

  assert.deepEqual(heard, ["a", "b", "c", "d", "e"]);
});

Deno.test("a place that came back is free", async () => {
  const { places, heard, acquire } = setUp(1);
  await acquire("a");
  places.release();
  await acquire("b");
  void acquire("c");
  await settled();
  assert.deepEqual(heard, ["a", "b"]);
  places.fail(new Error("over"));
  await settled();
});

Deno.test("a higher limit admits those that wait, a lower one lets streams end", async () => {
  const { places, heard, acquire } = setUp(1);
  for (const name of ["a", "b", "c", "d"]) void acquire(name);

  places.setLimit(3);
  await settled();
  assert.deepEqual(heard, ["a", "b", "c"]);
  assert.equal(places.limit, 3);
  places.setLimit(1);
  places.release();
  places.release();
  await settled();
  assert.deepEqual(heard, ["a", "b", "c"]);
  places.release();
  await settled();

  assert.deepEqual(heard, ["a", "b", "c", "d"]);
});

Deno.test("so many may wait, and no more", async () => {
  const { places, acquire, heard } = setUp(0, { maxWaiting: 2 });
  void acquire("a");
  void acquire("b");

  await assert.rejects(
    places.acquire(),
    (error) =>
      error instanceof StreamLimitError &&
      /too many already wait/.test(error.message),
  );

  places.setLimit(1);
  await settled();
  assert.deepEqual(heard, ["a"]);
  void acquire("c");
  places.setLimit(3);
  await settled();
  assert.deepEqual(heard, ["a", "b", "c"]);
});

Deno.test("each waits so long, and its place goes to the next", async () => {
  const { clock, places, heard, acquire } = setUp(1, { maxWait: 500 });
  await acquire("a");
  void acquire("b");
  clock.advance(300);
  void acquire("c");
  clock.advance(199);
  await settled();
  assert.deepEqual(heard, ["a"]);

  clock.advance(1);
  await settled();
  assert.match(heard[1] ?? "", /^b: .*0\.5 s|^b: /);
  places.release();
  await settled();

  assert.equal(heard[2], "c");
  assert.equal(clock.pending, 0);
  clock.advance(9_999);
  await settled();
  assert.equal(heard.length, 3);
});

Deno.test("without a limit of time one waits for ever", async () => {
  const { clock, places, heard, acquire } = setUp(0);
  void acquire("a");
  assert.equal(clock.pending, 0);
  clock.advance(1e9);
  await settled();
  assert.deepEqual(heard, []);

  places.fail(new Error("over"));
  await settled();
  assert.deepEqual(heard, ["a: over"]);
});

Deno.test("a request that is given up leaves the queue", async () => {
  const { clock, places, heard, acquire } = setUp(1, { maxWait: 500 });
  const abort = new AbortController();
  await acquire("a", abort.signal);
  void acquire("b", abort.signal);
  void acquire("c");

  abort.abort("enough");
  await settled();
  assert.deepEqual(heard, ["a", "b: enough"]);
  assert.equal(clock.pending, 1);
  places.release();
  await settled();

  assert.deepEqual(heard, ["a", "b: enough", "c"]);
  places.release();
  await assert.rejects(places.acquire(abort.signal), /enough/);
  await acquire("d");
  assert.equal(heard.at(-1), "d");
});

Deno.test("all that wait fail together, and nobody after them", async () => {
  const { places, heard, acquire } = setUp(0);
  void acquire("a");
  void acquire("b");
  places.fail(new Error("over"));
  await settled();
  assert.deepEqual(heard, ["a: over", "b: over"]);

  places.setLimit(2);
  await acquire("c");
  await acquire("d");
  assert.deepEqual(heard.slice(2), ["c", "d"]);
});

Deno.test("nobody listens to a signal after the wait", async () => {
  const { places, acquire } = setUp(1);
  const watched = countedSignal();
  await acquire("a", watched.signal);
  assert.equal(watched.listeners, 0);
  const waiting = acquire("b", watched.signal);
  await settled();
  assert.equal(watched.listeners, 1);

  places.release();
  await waiting;

  assert.equal(watched.listeners, 0);
});
