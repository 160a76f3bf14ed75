import assert from "node:assert/strict";
import { mock } from "node:test";
import { Alarm } from "../../src/http1/resettable_timer.ts";

/** Runs `test` with an alarm on a clock that only moves when it is told to. */
function withAlarm(test: (alarm: Alarm, rung: number[]) => void): void {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  try {
    const rung: number[] = [];
    using alarm = new Alarm(() => rung.push(Date.now()));
    test(alarm, rung);
  } finally {
    mock.timers.reset();
  }
}

Deno.test("Alarm rings once, when the time set last is over", () =>
  withAlarm((alarm, rung) => {
    alarm.set(100);
    mock.timers.tick(90);
    alarm.set(100);
    mock.timers.tick(99);
    assert.deepEqual(rung, []);
    mock.timers.tick(1);
    mock.timers.tick(500);

    assert.deepEqual(rung, [190]);
  }));

Deno.test("Alarm rings earlier when it is set to", () =>
  withAlarm((alarm, rung) => {
    alarm.set(1_000);
    alarm.set(10);
    mock.timers.tick(10);

    assert.deepEqual(rung, [10]);
  }));

Deno.test("Alarm does not ring when it was cleared or disposed", () =>
  withAlarm((alarm, rung) => {
    alarm.set(10);
    alarm.clear();
    mock.timers.tick(50);
    alarm.set(10);
    alarm[Symbol.dispose]();
    mock.timers.tick(50);

    assert.deepEqual(rung, []);
  }));

Deno.test("Alarm can be set again after it was cleared", () =>
  withAlarm((alarm, rung) => {
    alarm.set(10);
    alarm.clear();
    mock.timers.tick(5);
    alarm.set(10);
    mock.timers.tick(5);
    assert.deepEqual(rung, []);
    mock.timers.tick(5);

    assert.deepEqual(rung, [15]);
  }));
