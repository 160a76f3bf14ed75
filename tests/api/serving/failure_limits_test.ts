/** How many wrong credentials there may be, of whom and for how long. */
import assert from "node:assert/strict";
import {
  FAILURE_WINDOW,
  FailureLimits,
  loginAttempt,
} from "../../../src/api/serving/failure_limits.ts";

const ANN = loginAttempt("ann", "192.0.2.1");
const BOB = loginAttempt("bob", "192.0.2.1");

function setUp(options: { maxFailures?: number; maxCounters?: number } = {}) {
  const clock = { now: 0 };
  const limits = new FailureLimits({ now: () => clock.now, ...options });
  const fail = (attempt: typeof ANN, times: number) =>
    Array.from({ length: times }, () => limits.fail(attempt));
  return { clock, limits, fail };
}

Deno.test("loginAttempt() tells networks and names apart, in texts of one length", () => {
  assert.equal(ANN.network, "192.0.2.1");
  assert.equal(BOB.network, ANN.network);
  assert.notEqual(BOB.login, ANN.login);
  assert.deepEqual(loginAttempt("ann", "192.0.2.1"), ANN);
  assert.notEqual(loginAttempt("ann", "192.0.2.2").login, ANN.login);
  assert.equal(loginAttempt("a".repeat(9_999), "").login.length, 44);
  assert.equal(
    loginAttempt("ann", "2001:db8::1").network,
    loginAttempt("ann", "2001:db8::2").network,
  );
});

Deno.test("10 failures of one name in one network are the limit by default", () => {
  const { limits, fail } = setUp();
  assert.equal(limits.mayFail(ANN), true);

  assert.deepEqual(fail(ANN, 9), Array(9).fill(false));
  assert.equal(limits.mayFail(ANN), true);
  assert.deepEqual(fail(ANN, 2), [true, false]);

  assert.equal(limits.mayFail(ANN), false);
  assert.equal(limits.mayFail(BOB), true);
  assert.equal(limits.mayFail(loginAttempt("ann", "192.0.2.2")), true);
});

Deno.test("a network has ten times as many failures, whatever the names", () => {
  const { limits, fail } = setUp({ maxFailures: 2 });
  const named = (at: number) => loginAttempt(`user${at}`, "192.0.2.1");
  for (let at = 0; at < 19; at++) assert.deepEqual(fail(named(at), 1), [false]);
  assert.equal(limits.mayFail(ANN), true);

  assert.deepEqual(fail(named(19), 1), [true]);

  assert.equal(limits.mayFail(ANN), false);
  assert.equal(limits.mayFail(loginAttempt("ann", "192.0.2.2")), true);
});

Deno.test("attempts that are being compared count too", () => {
  const { limits, fail } = setUp({ maxFailures: 3 });
  fail(ANN, 1);
  const may = (ofNetwork: number, ofLogin: number) =>
    limits.mayFail(ANN, { ofNetwork, ofLogin });

  assert.equal(may(1, 1), true);
  assert.equal(may(2, 2), false);
  assert.equal(may(28, 0), true);
  assert.equal(may(29, 0), false);
});

Deno.test("failures count for a minute, from the first on", () => {
  const { clock, limits, fail } = setUp({ maxFailures: 2 });
  assert.equal(FAILURE_WINDOW, 60_000);
  fail(ANN, 1);
  clock.now = 30_000;
  fail(ANN, 1);
  clock.now = 59_999;
  assert.equal(limits.mayFail(ANN), false);

  clock.now = 60_000;
  assert.equal(limits.mayFail(ANN), true);
  assert.deepEqual(fail(ANN, 2), [false, true]);
  clock.now = 119_999;
  assert.equal(limits.mayFail(ANN), false);
  clock.now = 120_000;
  assert.equal(limits.mayFail(ANN), true);
});

Deno.test("a success forgets the failures of the name, not of the network", () => {
  const { limits, fail } = setUp({ maxFailures: 1 });
  for (let times = 0; times < 10; times++) {
    fail(ANN, 1);
    assert.equal(limits.mayFail(ANN), false);
    limits.succeed(ANN);
    assert.equal(limits.mayFail(ANN), times < 9);
  }
});

Deno.test("the oldest counters are forgotten beyond a number", () => {
  const { limits, fail } = setUp({ maxFailures: 1, maxCounters: 4 });
  const other = loginAttempt("ann", "192.0.2.2");
  const third = loginAttempt("ann", "192.0.2.3");
  fail(ANN, 1);
  fail(other, 1);
  assert.equal(limits.mayFail(ANN), false);

  fail(third, 1);

  assert.equal(limits.mayFail(ANN), true);
  assert.equal(limits.mayFail(other), false);
  assert.equal(limits.mayFail(third), false);
});

Deno.test("a counter that begins again is the newest", () => {
  const { clock, limits, fail } = setUp({ maxFailures: 1, maxCounters: 4 });
  const other = loginAttempt("ann", "192.0.2.2");
  const third = loginAttempt("ann", "192.0.2.3");
  fail(ANN, 1);
  clock.now = 1;
  fail(other, 1);
  clock.now = 60_000;
  fail(ANN, 1);

  fail(third, 1);

  assert.equal(limits.mayFail(ANN), false);
  assert.equal(limits.mayFail(third), false);
  assert.equal(limits.mayFail(other), true);
});
