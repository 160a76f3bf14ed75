/** Promise: a session that has died in silence holds up nobody for long. @module */
import assert from "node:assert/strict";
import { until } from "../testing/deadline.ts";
import { PATIENT, QUICK, startFaultSystem } from "./fault_system.ts";

/** More than share a session. */
const REQUESTS = 54;

Deno.test("requests on a dead session go to another one before it is given up", async () => {
  await using system = await startFaultSystem({ silence: PATIENT });
  const { relay, origin } = system;
  assert.equal((await system.get("/")).status, 200);

  // The first session has the light traffic.
  relay.connections[0]?.stall();
  const pages = await Promise.all(
    Array.from({ length: REQUESTS }, () => system.get("/status/204")),
  );

  assert.deepEqual(new Set(pages.map(({ status }) => status)), new Set([204]));
  assert.equal(system.sessions(), 3, "no session was given up");
  assert.ok(origin.heads.length >= REQUESTS);
});

Deno.test("new requests avoid a session that owes a reply", async () => {
  await using system = await startFaultSystem({ silence: PATIENT });
  const { relay } = system;
  relay.connections[0]?.stall();
  assert.equal((await system.get("/")).status, 200);

  // POST is never sent twice: on the dead session it would wait for minutes.
  for (let count = 0; count < 20; count++) {
    assert.equal((await system.get("/status/204", "POST")).status, 204);
  }
});

for (const direction of ["up", "down"] as const) {
  Deno.test(`a session that is dead ${direction} only is replaced`, async () => {
    await using system = await startFaultSystem();
    const { relay } = system;

    relay.connections[0]?.stall(direction);

    await until("a new session", () => relay.accepted === 4);
    await until("all sessions", () => system.sessions() === 3);
    assert.equal((await system.get("/")).status, 200);
  });
}

Deno.test("a request that may not be sent twice fails with words when its session is given up", async () => {
  await using system = await startFaultSystem({ silence: QUICK });
  const { relay, origin } = system;
  const posted = system.get("/hold/x", "POST");
  await origin.held("x");

  relay.connections[0]?.stall();
  const { status, error } = await posted;
  origin.release("x");

  assert.equal(status, 502);
  assert.match(error ?? "", /^session_lost /);
});
