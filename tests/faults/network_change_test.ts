/**
 * Promise: when all connections have died in silence and new ones pass,
 * requests pass again within seconds: a NAT that forgets, a new address of the
 * client.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../testing/deadline.ts";
import { PATIENT, startFaultSystem } from "./fault_system.ts";

Deno.test("requests pass on a spare session before the dead ones are given up", async () => {
  await using system = await startFaultSystem({ silence: PATIENT });
  const { relay } = system;

  relay.forget();
  const page = await system.get("/");

  assert.equal(page.status, 200);
  assert.equal(relay.accepted, 4, "one session more, and no other");
  assert.equal(system.sessions(), 3, "none was given up");
});

Deno.test("an idle tunnel has new sessions after its connections were forgotten", async () => {
  await using system = await startFaultSystem();
  const { relay } = system;

  relay.forget();

  await until("new sessions", () => relay.accepted >= 6);
  await until("all sessions", () => system.sessions() === 3);
  assert.equal((await system.get("/")).status, 200);
});

Deno.test("a spare session ends when the others were only slow", async () => {
  await using system = await startFaultSystem({ silence: PATIENT });
  const { relay } = system;
  relay.forget();
  await system.get("/");

  relay.resume();

  await until("the spare session to end", () => relay.open === 3);
  assert.equal((await system.get("/")).status, 200);
  assert.equal(system.sessions(), 3);
});

Deno.test("the tunnel is back when a cable that was pulled is put in again", async () => {
  await using system = await startFaultSystem({
    client: { serverDialTimeout: 300 },
  });
  const { relay } = system;

  relay.pause();
  await until("all sessions to be given up", () => system.sessions() === 0);
  let during = await system.get("/");
  // The server may be a moment behind the client.
  while (during.status === 502) during = await system.get("/");
  relay.resume();
  await until("the sessions", () => system.sessions() === 3);

  assert.equal(during.status, 503);
  assert.match(during.error ?? "", /^no_session .* reconnecting/);
  assert.equal((await system.get("/")).status, 200);
});

Deno.test("a server that accepts and says nothing is given up, and tried again", async () => {
  await using system = await startFaultSystem({
    client: { serverDialTimeout: 200 },
  });
  const { relay } = system;

  relay.acceptSilently();
  relay.cut();
  await until("all sessions to end", () => system.sessions() === 0);
  await until("attempts that fail", () => relay.silentlyAccepted >= 2);
  relay.acceptSilently(false);
  await until("the sessions", () => system.sessions() === 3);

  assert.equal((await system.get("/")).status, 200);
});
