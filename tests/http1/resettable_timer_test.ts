import assert from "node:assert/strict";
import { mock } from "node:test";
import { ResettableTimer } from "../../src/http1/resettable_timer.ts";

/** Runs `test` with a timer on a clock that only the test moves. */
function withTimer(
  test: (timer: ResettableTimer, fired: number[]) => void,
): void {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  try {
    const fired: number[] = [];
    using timer = new ResettableTimer(() => fired.push(Date.now()));
    test(timer, fired);
  } finally {
    mock.timers.reset();
  }
}

Deno.test("ResettableTimer fires once, when the time set last is over", () =>
  withTimer((timer, fired) => {
    timer.set(100);
    mock.timers.tick(90);
    timer.set(100);
    mock.timers.tick(99);
    assert.deepEqual(fired, []);
    mock.timers.tick(1);
    mock.timers.tick(500);

    assert.deepEqual(fired, [190]);
  }));

Deno.test("ResettableTimer fires earlier when it is set to", () =>
  withTimer((timer, fired) => {
    timer.set(1_000);
    timer.set(10);
    mock.timers.tick(10);

    assert.deepEqual(fired, [10]);
  }));

Deno.test("ResettableTimer does not fire when it was cleared or disposed", () =>
  withTimer((timer, fired) => {
    timer.set(10);
    timer.clear();
    mock.timers.tick(50);
    timer.set(10);
    timer[Symbol.dispose]();
    mock.timers.tick(50);

    assert.deepEqual(fired, []);
  }));

Deno.test("ResettableTimer can be set again after it was cleared", () =>
  withTimer((timer, fired) => {
    timer.set(10);
    timer.clear();
    mock.timers.tick(5);
    timer.set(10);
    mock.timers.tick(5);
    assert.deepEqual(fired, []);
    mock.timers.tick(5);

    assert.deepEqual(fired, [15]);
  }));
