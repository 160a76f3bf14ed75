import assert from "node:assert/strict";
import type { Clock } from "../../src/async/clock.ts";
import { LAG_INTERVAL, measureLoopLag } from "../../src/async/loop_lag.ts";
import { ManualClock } from "../server/manual_clock.ts";

Deno.test("measureLoopLag() says by how much each timer was late, until disposed", () => {
  const clock = new ManualClock();
  const lags: number[] = [];
  const measuring = measureLoopLag((lag) => lags.push(lag), clock);

  clock.advance(LAG_INTERVAL);
  clock.advance(LAG_INTERVAL + 250);
  clock.advance(LAG_INTERVAL);
  measuring[Symbol.dispose]();
  clock.advance(LAG_INTERVAL);

  assert.deepEqual(lags, [0, 0.25, 0]);
  assert.equal(clock.pending, 0);
});

Deno.test("measureLoopLag() takes a timer that is early for one in time", () => {
  const lags: number[] = [];
  let now = 0;
  const due: (() => void)[] = [];
  const clock: Clock = {
    now: () => now,
    timer(_ms, action) {
      due.push(action);
      return { [Symbol.dispose]() {} };
    },
  };
  using _measuring = measureLoopLag((lag) => lags.push(lag), clock);

  now = LAG_INTERVAL - 1;
  due[0]?.();

  assert.deepEqual(lags, [0]);
});
