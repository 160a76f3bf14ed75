import assert from "node:assert/strict";
import { MAX_SESSIONS } from "../../../src/server/tunnels/tunnel.ts";
import {
  MAX_TUNNEL_UNREAD,
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
