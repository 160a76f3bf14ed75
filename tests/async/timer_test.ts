/** @module */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { deadline, sleep, timer } from "../../src/async/timer.ts";

const never = new Promise<never>(() => {});

/** Runs `test` on a clock that goes on only when told. */
async function onStoppedClock(test: () => void | Promise<void>): Promise<void> {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    await test();
  } finally {
    mock.timers.reset();
  }
}

Deno.test("timer() acts once, when the time is over", () =>
  onStoppedClock(() => {
    let acted = 0;
    using _timer = timer(50, () => acted++);

    mock.timers.tick(49);
    assert.equal(acted, 0);
    mock.timers.tick(1);
    assert.equal(acted, 1);
    mock.timers.tick(1_000);
    assert.equal(acted, 1);
  }));

Deno.test("timer() does not act after it was disposed", () =>
  onStoppedClock(() => {
    let acted = 0;
    {
      using _timer = timer(50, () => acted++);
    }

    mock.timers.tick(50);

    assert.equal(acted, 0);
  }));

Deno.test("timer() waits 24 days when it is to wait for longer, and not for no time at all", () =>
  onStoppedClock(() => {
    let acted = 0;
    using _timer = timer(2 ** 40, () => acted++);

    mock.timers.tick(2 ** 31 - 2);
    assert.equal(acted, 0);
    mock.timers.tick(1);
    assert.equal(acted, 1);
  }));

Deno.test("sleep() resolves when the time is over", () =>
  onStoppedClock(async () => {
    const sleeping = sleep(50);

    mock.timers.tick(50);

    await sleeping;
  }));

Deno.test("sleep() throws the signal's reason at once and drops its timer", async () => {
  const stop = new AbortController();
  const sleeping = sleep(3_600_000, stop.signal);

  stop.abort(new RangeError("enough"));

  await assert.rejects(sleeping, { message: "enough" });
  await assert.rejects(sleep(3_600_000, stop.signal), { message: "enough" });
});

Deno.test("deadline() gives what comes in time", async () => {
  assert.equal(await deadline(Promise.resolve(1), 3_600_000), 1);
  await assert.rejects(
    deadline(Promise.reject(new RangeError("far")), 3_600_000),
    RangeError,
  );
});

Deno.test("deadline() throws a TimeoutError and says so to its caller", () =>
  onStoppedClock(async () => {
    let told = 0;
    const waiting = deadline(never, 50, () => told++);

    mock.timers.tick(50);

    await assert.rejects(waiting, {
      name: "TimeoutError",
      message: "Cannot wait longer than 50 ms",
    });
    assert.equal(told, 1);
  }));

Deno.test("deadline() of 0 ms never ends", () =>
  onStoppedClock(async () => {
    const late = Promise.withResolvers<number>();
    const waiting = deadline(late.promise, 0);

    mock.timers.tick(2 ** 31);
    late.resolve(1);

    assert.equal(await waiting, 1);
  }));
