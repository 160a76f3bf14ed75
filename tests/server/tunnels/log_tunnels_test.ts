import assert from "node:assert/strict";
import { logTunnels } from "../../../src/server/tunnels/log_tunnels.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { type EventLog, recordLog } from "../../testing/event_log.ts";
import { FakeSession } from "../fake_session.ts";

const SPEC = { owner: "ann", name: "lab" } as const;

/** The lines about clients, without ids. */
function lines(log: EventLog): readonly unknown[] {
  return log.matching([
    "client of a tunnel is connected",
    "client of a tunnel is away",
  ]).map(({ level, message, fields: { id: _, ...fields } }) => ({
    level,
    message,
    ...fields,
  }));
}

Deno.test("logTunnels() writes a line when a client comes and one when it is away, however many sessions it has", async () => {
  await using log = await recordLog();
  const registry = new TunnelRegistry();
  using _logging = logTunnels(registry);
  const { tunnel } = registry.create(SPEC);

  for (let time = 0; time < 2; time++) {
    const sessions = [1, 2, 3].map(() => new FakeSession());
    for (const session of sessions) tunnel.attach(session);
    for (const session of sessions) {
      session.cut();
      await session.done.catch(() => {});
    }
    await null;
  }

  const client = { level: "info", owner: "ann", name: "lab" };
  const came = {
    ...client,
    message: "client of a tunnel is connected",
    remote: "192.0.2.1:40000",
  };
  const went = {
    ...client,
    message: "client of a tunnel is away",
    reason: "other",
  };
  assert.deepEqual(lines(log), [came, went, came, went]);
});

Deno.test("logTunnels() leaves the end of a tunnel that stops to its controller", async () => {
  await using log = await recordLog();
  const registry = new TunnelRegistry();
  using _logging = logTunnels(registry);
  const { tunnel } = registry.create(SPEC);
  const session = new FakeSession();
  tunnel.attach(session);

  tunnel.beginStop({ reason: "sigterm", byUser: true });
  session.cut();
  await session.done.catch(() => {});
  await null;

  assert.equal(lines(log).length, 1);
});
