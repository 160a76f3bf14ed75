import assert from "node:assert/strict";
import {
  JOBS_TIMEOUT,
  SESSION_TIMEOUT,
  TunnelController,
  type TunnelControllerOptions,
  TunnelLimitError,
} from "../../../src/server/tunnels/controller.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { FakeSession } from "../fake_session.ts";
import { ManualClock } from "../manual_clock.ts";

class World extends TunnelController {
  readonly clock: ManualClock;
  readonly registry: TunnelRegistry;

  constructor(options: TunnelControllerOptions = {}) {
    const clock = new ManualClock();
    const registry = new TunnelRegistry({ now: () => clock.now() });
    super(registry, { clock, ...options });
    this.clock = clock;
    this.registry = registry;
  }

  /** A tunnel of Ann's, with a session that has so many exchanges. */
  running(
    name: string,
    { openExchanges = 0, pool = false } = {},
  ): { tunnel: Tunnel; session: FakeSession } {
    const { tunnel } = this.create({ owner: "ann", name, pool });
    const session = new FakeSession();
    session.openExchanges = openExchanges;
    tunnel.attach(session);
    return { tunnel, session };
  }
}

Deno.test("TunnelController ends a tunnel that never connected, after 60 s and not before", async () => {
  await using world = new World();
  const { tunnel } = world.create({ owner: "ann", name: "shop" });

  world.clock.advance(SESSION_TIMEOUT - 1);
  assert.equal(tunnel.isStopping, false);
  world.clock.advance(1);
  await tunnel.terminated;

  assert.equal(SESSION_TIMEOUT, 60_000);
  assert.deepEqual(tunnel.stopCause, {
    reason: "serverTimeout",
    byUser: false,
  });
});

Deno.test("TunnelController ends a tunnel 60 s after its last session was lost", async () => {
  await using world = new World();
  const { tunnel, session } = world.running("shop");
  world.clock.advance(SESSION_TIMEOUT * 10);
  assert.equal(tunnel.status, "running");

  session.cut();
  await assert.rejects(session.done);
  world.clock.advance(SESSION_TIMEOUT - 1);
  assert.equal(tunnel.status, "running");
  world.clock.advance(1);
  await tunnel.terminated;

  assert.equal(tunnel.stopCause?.reason, "serverTimeout");
});

Deno.test("TunnelController lets a client come back in time", async () => {
  await using world = new World();
  const { tunnel, session } = world.running("shop");
  session.cut();
  await assert.rejects(session.done);
  world.clock.advance(SESSION_TIMEOUT - 1);

  tunnel.attach(new FakeSession());
  world.clock.advance(SESSION_TIMEOUT * 2);

  assert.equal(tunnel.isReady, true);
});

Deno.test("create() without pool ends the older ones of that name when their jobs are done", async () => {
  await using world = new World();
  const old = world.running("shop", { openExchanges: 1, pool: true });
  const other = world.running("other");

  const { tunnel } = world.create({
    owner: "ann",
    name: "shop",
    metadata: { hostname: "ci-7" },
  }, { user: "ann", key: "ci", address: "192.0.2.7" });

  assert.equal(old.tunnel.pickSession(), undefined);
  assert.equal(old.tunnel.status, "running");
  assert.equal(tunnel.isStopping, false);
  assert.equal(other.tunnel.isReady, true);
  old.session.finishExchange();
  await old.tunnel.terminated;
  assert.deepEqual(old.tunnel.stopCause, {
    reason: "replaced by ann from ci-7 (192.0.2.7) at 2027-01-15 08:00:00 UTC",
    byUser: false,
    replacedBy: {
      user: "ann",
      host: "ci-7",
      address: "192.0.2.7",
      at: world.clock.now(),
    },
  });
});

Deno.test("create() leaves another user's tunnel of that name alone", async () => {
  await using world = new World();
  const anns = world.running("shop");

  world.create({ owner: "bob", name: "shop" });

  assert.equal(anns.tunnel.isReady, true);
});

Deno.test("create() with pool lets tunnels of one name live side by side", async () => {
  await using world = new World();
  const first = world.running("shop", { pool: true });
  const second = world.running("shop", { pool: true });

  assert.equal(first.tunnel.isReady, true);
  assert.equal(second.tunnel.isReady, true);
});

Deno.test("create() refuses one tunnel too many and changes nothing", async () => {
  await using world = new World({ maxTunnelsPerOwner: 2 });
  const first = world.running("a");
  world.running("b");

  assert.throws(
    () => world.create({ owner: "ann", name: "c" }),
    (error) =>
      error instanceof TunnelLimitError &&
      /^Too many active tunnels: 3 > 2/.test(error.message),
  );
  assert.equal(world.registry.list({ ended: true }).length, 2);
  assert.doesNotThrow(() => world.create({ owner: "ann", name: "a" }));
  assert.equal(first.tunnel.isStopping, true);
  assert.doesNotThrow(() => world.create({ owner: "bob", name: "a" }));
});

Deno.test("stop() refuses new exchanges at once and ends when the last has finished", async () => {
  await using world = new World();
  const { tunnel, session } = world.running("shop", { openExchanges: 2 });

  world.stop(tunnel, { reason: "sigterm", byUser: true });
  assert.equal(tunnel.isReady, false);
  assert.equal(tunnel.jobsRunning, 2);
  session.finishExchange();
  assert.equal(tunnel.status, "running");
  session.finishExchange();
  await tunnel.terminated;

  assert.equal(tunnel.status, "terminated");
  assert.deepEqual(tunnel.stopCause, { reason: "sigterm", byUser: true });
  assert.deepEqual(tunnel.sessions, []);
});

Deno.test("stop() without waiting cuts running exchanges off", async () => {
  await using world = new World();
  const { tunnel } = world.running("shop", { openExchanges: 2 });

  world.stop(tunnel, { reason: "sigterm", waitForJobs: false });
  await tunnel.terminated;

  assert.equal(tunnel.jobsRunning, 0);
});

Deno.test("stop() called again without waiting cuts off what the first call waits for", async () => {
  await using world = new World();
  const { tunnel } = world.running("shop", { openExchanges: 1 });

  world.stop(tunnel, { reason: "sigterm", byUser: true });
  world.stop(tunnel, { reason: "second signal", waitForJobs: false });
  await tunnel.terminated;

  assert.equal(tunnel.stopCause?.reason, "sigterm");
});

Deno.test("stop() waits 3 hours for jobs and no longer", async () => {
  await using world = new World();
  const { tunnel } = world.running("shop", { openExchanges: 1 });

  world.stop(tunnel, { reason: "sigterm" });
  world.clock.advance(JOBS_TIMEOUT - 1);
  assert.equal(tunnel.jobsRunning, 1);
  world.clock.advance(1);
  await tunnel.terminated;

  assert.equal(JOBS_TIMEOUT, 10_800_000);
});

Deno.test("stop() waits for jobs until its timeout, and the earliest one counts", async () => {
  await using world = new World();
  const { tunnel } = world.running("shop", { openExchanges: 1 });
  const startedAt = world.clock.now();

  world.stop(tunnel, { reason: "api", drainTimeout: 60_000 });
  world.stop(tunnel, { reason: "api", drainTimeout: 90_000 });
  assert.equal(tunnel.drainUntil, startedAt + 60_000);
  world.clock.advance(10_000);
  world.stop(tunnel, { reason: "api", drainTimeout: 20_000 });
  assert.equal(tunnel.drainUntil, startedAt + 30_000);
  world.clock.advance(19_999);
  assert.equal(tunnel.jobsRunning, 1);
  world.clock.advance(1);
  await tunnel.terminated;

  assert.equal(world.clock.pending, 0);
});

Deno.test("stop() waits no longer than the server allows", async () => {
  await using world = new World({ jobsTimeout: 1000 });
  const { tunnel } = world.running("shop", { openExchanges: 1 });

  world.stop(tunnel, { reason: "api", drainTimeout: 5000 });
  world.clock.advance(1000);
  await tunnel.terminated;
});

Deno.test("TunnelController ends all tunnels and stops all timers when it is disposed", async () => {
  const world = new World();
  const { tunnel: idle } = world.create({ owner: "ann", name: "idle" });
  const { tunnel: busy } = world.running("busy", { openExchanges: 1 });
  const { tunnel: stopping } = world.running("stopping", { openExchanges: 1 });
  world.stop(stopping, { reason: "sigterm" });

  await world[Symbol.asyncDispose]();

  assert.deepEqual(
    [idle, busy, stopping].map((tunnel) => tunnel.status),
    ["terminated", "terminated", "terminated"],
  );
  assert.equal(world.clock.pending, 0);
});
