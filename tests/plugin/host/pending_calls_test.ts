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
