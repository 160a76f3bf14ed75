import assert from "node:assert/strict";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import {
  MAX_SESSIONS,
  type Tunnel,
  TunnelClosedError,
} from "../../../src/server/tunnels/tunnel.ts";
import { FakeSession } from "../fake_session.ts";

function newTunnel(): Tunnel {
  return new TunnelRegistry().create({ owner: "ann", name: "shop" }).tunnel;
}

function attached(tunnel: Tunnel, openExchanges = 0): FakeSession {
  const session = new FakeSession();
  session.openExchanges = openExchanges;
  tunnel.attach(session);
  return session;
}

Deno.test("Tunnel is new until its first session, then running", () => {
  const tunnel = newTunnel();
  assert.equal(tunnel.status, "new");
  assert.equal(tunnel.isReady, false);

  attached(tunnel);

  assert.equal(tunnel.status, "running");
  assert.equal(tunnel.isReady, true);
  assert.equal(tunnel.launchedAt, tunnel.lastConnectedAt);
});

Deno.test("Tunnel stays running but is not ready when its only session is cut", async () => {
  const tunnel = newTunnel();
  const session = attached(tunnel);

  session.cut();
  await assert.rejects(session.done);

  assert.equal(tunnel.status, "running");
  assert.equal(tunnel.isReady, false);
  assert.deepEqual(tunnel.sessions, []);
});

Deno.test("pickSession() gives none before a session and after the stop", () => {
  const tunnel = newTunnel();
  assert.equal(tunnel.pickSession(), undefined);
  attached(tunnel);

  tunnel.beginStop({ reason: "sigterm", byUser: true });

  assert.equal(tunnel.pickSession(), undefined);
});

Deno.test("jobsRunning counts the exchanges of all sessions", () => {
  const tunnel = newTunnel();
  attached(tunnel, 3);
  attached(tunnel, 4);

  assert.equal(tunnel.jobsRunning, 7);
});

Deno.test("attach() refuses sessions of a stopped tunnel for ever", () => {
  const tunnel = newTunnel();
  tunnel.beginStop({ reason: "webui", byUser: true });

  assert.throws(
    () => attached(tunnel),
    (error) => error instanceof TunnelClosedError && error.code === "ended",
  );
});

Deno.test("attach() refuses one session too many until another has gone", async () => {
  const tunnel = newTunnel();
  const sessions = Array.from({ length: MAX_SESSIONS }, () => attached(tunnel));
  assert.throws(
    () => attached(tunnel),
    (error) => error instanceof TunnelClosedError && error.code === "full",
  );

  await sessions[0]?.[Symbol.asyncDispose]();

  assert.doesNotThrow(() => attached(tunnel));
});

Deno.test("beginStop() keeps the first cause", () => {
  const tunnel = newTunnel();

  tunnel.beginStop({ reason: "replaced", byUser: false });
  tunnel.beginStop({ reason: "sigterm", byUser: true });

  assert.deepEqual(tunnel.stopCause, { reason: "replaced", byUser: false });
});

Deno.test("markTerminated() settles `terminated`, and needs a cause", async () => {
  const tunnel = newTunnel();
  assert.throws(() => tunnel.markTerminated(), TypeError);
  tunnel.beginStop({ reason: "sigterm", byUser: true });

  tunnel.markTerminated();

  await tunnel.terminated;
  assert.equal(tunnel.status, "terminated");
  assert.notEqual(tunnel.shutdownAt, undefined);
});

Deno.test("Tunnel does not show its secrets when it is printed", () => {
  const { tunnel, tunnelToken, proxyPassword } = new TunnelRegistry()
    .create({ owner: "ann", name: "shop" });

  const printed = Deno.inspect(tunnel, { depth: 9 });

  assert.ok(!printed.includes(tunnelToken));
  assert.ok(!printed.includes(proxyPassword));
});
