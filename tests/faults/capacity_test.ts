/** Promise: the request after the last that a tunnel carries has a response soon. @module */
import assert from "node:assert/strict";
import { startFaultSystem } from "./fault_system.ts";

Deno.test("the request after the last that the client allows gets 503, and the others go on", async () => {
  await using system = await startFaultSystem({
    sessions: 2,
    client: { tunnelMaxConcurrentStreams: 2 },
  });
  const { origin } = system;
  const names = ["a", "b", "c", "d"];
  const held = names.map((name) => system.get(`/hold/${name}`));
  await Promise.all(names.map((name) => origin.held(name)));

  const { status, error } = await system.get("/");
  for (const name of names) origin.release(name);
  const pages = await Promise.all(held);

  assert.equal(status, 503);
  assert.match(error ?? "", /^tunnel_limit .*--tunnel-max-concurrent-streams/);
  assert.deepEqual(pages.map((page) => page.status), [200, 200, 200, 200]);
  assert.equal((await system.get("/")).status, 200);
});

Deno.test("a request that waits for a place gets it when another one ends", async () => {
  await using system = await startFaultSystem({
    sessions: 1,
    client: { tunnelMaxConcurrentStreams: 1 },
  });
  const { origin } = system;
  const first = system.get("/hold/a");
  await origin.held("a");

  const second = system.get("/status/204");
  origin.release("a");

  assert.deepEqual([(await first).status, (await second).status], [200, 204]);
});
