/** @module */
import assert from "node:assert/strict";
import {
  SilenceWatch,
  type WatchedSession,
} from "../../../src/client/sessions/silence_watch.ts";
import { ManualClock } from "../../server/manual_clock.ts";

class Session implements WatchedSession {
  owesReply = false;
  silence = 0;
  stats = { roundTripTime: 10 };
  checks = 0;

  check(): void {
    this.checks += 1;
  }

  /** Owes a reply for so long. */
  owe(silence: number): void {
    this.owesReply = true;
    this.silence = silence;
  }
}

/** Two sessions and what the watch has called. */
function start() {
  const clock = new ManualClock();
  const sessions = [new Session(), new Session()] as const;
  const calls: string[] = [];
  const world = { slept: 0 };
  const watch = new SilenceWatch({
    overdueAfter: 2_000,
    sessions: () => sessions,
    onAllSilent: () => calls.push("silent"),
    onHeard: () => calls.push("heard"),
    clock,
    wallClock: () => clock.now() + world.slept,
  });
  /** One look. */
  const look = () => {
    calls.length = 0;
    clock.advance(500);
    return calls.join();
  };
  return { clock, sessions, look, world, watch };
}

Deno.test("the watch checks all sessions when one is silent for a second", () => {
  const { sessions: [one, other], look, watch } = start();
  using _watch = watch;
  one.owe(999);

  assert.equal(look(), "heard");
  assert.equal(other.checks, 0);
  one.owe(1_000);

  assert.equal(look(), "heard");
  assert.equal(other.checks, 1);
});

Deno.test("the watch says when no session replies, and when one does again", () => {
  const { sessions: [one, other], look, watch } = start();
  using _watch = watch;
  one.owe(2_000);
  assert.equal(look(), "heard");

  other.owe(500);
  assert.equal(look(), "silent");
  other.owe(0);
  other.owesReply = false;

  assert.equal(look(), "heard");
});

Deno.test("sessions that owe a reply for less than two seconds are not silent yet", () => {
  const { sessions, look, watch } = start();
  using _watch = watch;
  for (const session of sessions) session.owe(1_999);

  assert.equal(look(), "");
});

Deno.test("on a slow link sessions are silent after twice the round trip", () => {
  const { sessions, look, watch } = start();
  using _watch = watch;
  sessions[1].stats.roundTripTime = 8_000;

  for (const session of sessions) session.owe(15_999);
  assert.equal(look(), "");
  for (const session of sessions) session.owe(16_000);

  assert.equal(look(), "silent");
});

Deno.test("the watch checks all sessions at once when the machine has slept", () => {
  const { sessions, look, world, watch } = start();
  using _watch = watch;
  look();
  world.slept = 3_000;
  look();
  assert.deepEqual(sessions.map(({ checks }) => checks), [0, 0]);

  world.slept += 3_001;
  look();
  assert.deepEqual(sessions.map(({ checks }) => checks), [1, 1]);
  look();

  assert.deepEqual(sessions.map(({ checks }) => checks), [1, 1]);
});

Deno.test("the watch ends when it is disposed", () => {
  const { clock, watch } = start();

  watch[Symbol.dispose]();

  assert.equal(clock.pending, 0);
});

Deno.test("the watch is silent without a session", () => {
  const clock = new ManualClock();
  using _watch = new SilenceWatch({
    overdueAfter: 2_000,
    sessions: () => [],
    onAllSilent: () => assert.fail("It is not known that they are"),
    onHeard: () => assert.fail("It is not known that one is not"),
    clock,
    wallClock: () => clock.now(),
  });

  clock.advance(500);

  assert.equal(clock.pending, 1);
});

Deno.test("the watch looks four times in the time of a reply", () => {
  const { clock, sessions, watch } = start();
  using _watch = watch;
  for (const session of sessions) session.silence = 2_000;

  for (let looks = 0; looks < 4; looks++) {
    clock.advance(499);
    assert.equal(sessions[0].checks, looks);
    clock.advance(1);
    assert.equal(sessions[0].checks, looks + 1);
  }
});

Deno.test("the watch notices that the machine slept before its first look", () => {
  const { sessions, look, world, watch } = start();
  using _watch = watch;
  world.slept = 3_001;

  look();

  assert.deepEqual(sessions.map(({ checks }) => checks), [1, 1]);
});
