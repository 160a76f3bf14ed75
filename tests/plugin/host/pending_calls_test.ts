import assert from "node:assert/strict";
import { PendingCalls } from "../../../src/plugin/host/pending_calls.ts";
import { Call } from "../../../src/plugin/running/call.ts";

/** A limit of so many milliseconds from now. */
function limit(
  ms: number,
  progress?: { hasMoved(): boolean; readonly failure: undefined },
): Parameters<PendingCalls["wait"]>[2] {
  return { ms, progress, startedAt: performance.now() };
}

/** Calls that end with the test. */
function startCalls(): PendingCalls & Disposable {
  return Object.assign(new PendingCalls(), {
    [Symbol.dispose](this: PendingCalls) {
      this.end(new Error("The test is over"));
    },
  });
}

const never = (): Promise<never> => new Promise(() => {});

Deno.test("a call passes its result or its failure on", async () => {
  using calls = startCalls();
  const failed = Promise.reject(new RangeError("no"));

  const ends = await Promise.allSettled([
    calls.wait(Promise.resolve(1), new Call([]), limit(1_000)),
    calls.wait(failed, new Call([]), limit(1_000)),
  ]);

  assert.deepEqual(ends, [
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: new RangeError("no") },
  ]);
});

Deno.test("of many calls those end that are late, each after its own time", async () => {
  using calls = startCalls();
  const ended: string[] = [];
  const open = Promise.withResolvers<void>();
  const note = async (
    name: string,
    result: Promise<void>,
    ms: number,
  ): Promise<void> => {
    const call = new Call([]);
    try {
      await calls.wait(result, call, limit(ms));
      ended.push(`${name} ends`);
    } catch (error) {
      assert.ok(error instanceof DOMException && error.name === "TimeoutError");
      assert.ok(call.isAborted);
      ended.push(`${name} is late`);
    }
    if (name === "long") open.resolve();
  };

  await Promise.all([
    note("unlimited", open.promise, 0),
    note("long", never(), 60),
    note("short", never(), 20),
    note("quick", Promise.resolve(), 20),
  ]);

  assert.deepEqual(ended, [
    "quick ends",
    "short is late",
    "long is late",
    "unlimited ends",
  ]);
});

Deno.test("a call that moves has more time", async () => {
  using calls = startCalls();
  const moves = [true, true, false];
  const progress = {
    hasMoved: () => moves.shift() ?? false,
    failure: undefined,
  };

  await assert.rejects(
    calls.wait(never(), new Call([]), limit(1, progress)),
    { name: "TimeoutError" },
  );

  assert.deepEqual(moves, []);
});

Deno.test("a call hears that its exchange has ended", async () => {
  using calls = startCalls();
  const exchange = new AbortController();
  const call = new Call([exchange.signal]);
  const heard = Promise.withResolvers<void>();
  call.onAbort({ cancel: heard.resolve });

  const result = calls.wait(heard.promise, call, limit(5_000));
  exchange.abort();

  await result;
});

Deno.test("the end of all calls rejects those that still run", async () => {
  const calls = new PendingCalls();
  const reason = new Error("stopped");
  const waiting = calls.wait(never(), new Call([]), limit(0));

  calls.end(reason);

  await assert.rejects(waiting, reason);
});

Deno.test("calls that stay do not wake anybody up", async () => {
  using calls = startCalls();
  using timers = countTimers();
  for (let at = 0; at < 100; at += 1) {
    calls.wait(never(), new Call([]), limit(at < 99 ? 0 : 5_000))
      .catch(() => {});
  }

  // The first look is at all of them, and the next one far away.
  await timers.set(2);

  const [first = NaN, second = NaN] = timers.delays;
  assert.ok(first <= 10, `${first} ms`);
  assert.ok(second > 4_000, `${second} ms`);
});

Deno.test("a call that comes while others stay is looked at in time", async () => {
  using calls = startCalls();
  using timers = countTimers();
  calls.wait(never(), new Call([]), limit(60_000)).catch(() => {});
  await timers.set(2);

  await assert.rejects(calls.wait(never(), new Call([]), limit(1)), {
    name: "TimeoutError",
  });
});

/** The timers that are set from now on. */
function countTimers(): Disposable & {
  readonly delays: readonly number[];
  /** Resolves when so many were set. */
  set(count: number): Promise<void>;
} {
  const original = globalThis.setTimeout;
  const delays: number[] = [];
  let wanted = Infinity;
  const reached = Promise.withResolvers<void>();
  globalThis.setTimeout = ((action: () => void, ms: number) => {
    if (delays.push(ms) >= wanted) reached.resolve();
    return original(action, ms);
  }) as typeof setTimeout;
  return {
    delays,
    set(count) {
      wanted = count;
      if (delays.length >= count) reached.resolve();
      return reached.promise;
    },
    [Symbol.dispose]: () => globalThis.setTimeout = original,
  };
}
