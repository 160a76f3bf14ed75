import assert from "node:assert/strict";
import { logTunnels } from "../../../src/server/tunnels/log_tunnels.ts";
import { MemoryRegistry } from "../../../src/server/tunnels/registry.ts";
import { LogLines } from "../../plugin/log_lines.ts";
import { FakeSession } from "../fake_session.ts";

const SPEC = { owner: "ann", name: "lab" } as const;

/** The lines about clients, without ids. */
function lines(log: LogLines): readonly string[] {
  return log.matching(/client of a tunnel/)
    .map((line) => line.replace(/"id":"[^"]*",/, ""));
}

Deno.test("logTunnels() writes a line when a client comes and one when it is away, however many sessions it has", async () => {
  await using log = await LogLines.start();
  const registry = new MemoryRegistry();
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

  const came =
    'info client of a tunnel is connected {"owner":"ann","name":"lab","remote":"192.0.2.1:40000"}';
  const went =
    'info client of a tunnel is away {"owner":"ann","name":"lab","reason":"other"}';
  assert.deepEqual(lines(log), [came, went, came, went]);
});

Deno.test("logTunnels() leaves the end of a tunnel that stops to its controller", async () => {
  await using log = await LogLines.start();
  const registry = new MemoryRegistry();
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
