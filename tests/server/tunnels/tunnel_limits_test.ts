import assert from "node:assert/strict";
import { MAX_SESSIONS } from "../../../src/server/tunnels/tunnel.ts";
import {
  DEFAULT_LIMITS,
  MAX_TUNNEL_UNREAD,
  rateLimitsOf,
  sessionLimits,
} from "../../../src/server/tunnels/tunnel_limits.ts";

Deno.test("all sessions that a tunnel may have keep within what it may leave unread", () => {
  let sum = 0;
  for (let sessions = 0; sessions < MAX_SESSIONS; sessions += 1) {
    const { maxUnread, maxWindow } = sessionLimits(sessions);
    sum += maxUnread + maxWindow;
  }

  assert.ok(sum <= MAX_TUNNEL_UNREAD, `${sum}`);
});

const MIB = 1_048_576;

Deno.test("the first 16 sessions have room for many browsers, further ones for few", () => {
  const usual = {
    maxUnread: 52 * MIB,
    connectionWindow: 4 * MIB,
    maxWindow: 16 * MIB,
  };
  const further = {
    maxUnread: 2 * MIB,
    connectionWindow: 2 * MIB,
    maxWindow: 2 * MIB,
  };
  assert.deepEqual(sessionLimits(0), usual);
  assert.deepEqual(sessionLimits(15), usual);
  assert.deepEqual(sessionLimits(16), further);
  assert.equal(MAX_TUNNEL_UNREAD, 1_536 * MIB);
});

Deno.test("a tunnel has 4,096 requests at once and any rate by default", () => {
  assert.deepEqual(DEFAULT_LIMITS, { maxExchanges: 4_096, rate: 0 });
  assert.equal(rateLimitsOf(DEFAULT_LIMITS), undefined);
});

Deno.test("both directions of a tunnel have its rate, each for itself", () => {
  const rates = rateLimitsOf({ maxExchanges: 1, rate: 5_000 });
  assert.ok(rates);
  assert.notEqual(rates.read, rates.write);
});
