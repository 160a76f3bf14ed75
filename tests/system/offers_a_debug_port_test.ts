/**
 * Promise: the client's proxy can be tried on its own machine, if the debug
 * port is set.
 */
import assert from "node:assert/strict";

import { startOrigin } from "../testing/origin.ts";
import { runningSystem } from "../testing/running_system.ts";
import { connectTo, get } from "../testing/browser.ts";

Deno.test("--debug-address serves pages and CONNECT as the tunnel does", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem({
    client: {
      debugAddress: { hostname: "127.0.0.1", port: 0 },
      denyDomains: ["^bad"],
    },
  });
  const { port } = system.client.debugAddress ?? assert.fail();

  const good = await get(`http://good.test:${origin.port}/bytes/5`, { port });
  const bad = await get(`http://bad.test:${origin.port}/`, { port });
  const tunnelled = await connectTo(`good.test:${origin.port}`, { port });

  assert.equal(good.status, 200);
  assert.equal(good.text.length, 5);
  assert.equal(bad.status, 403);
  assert.equal(tunnelled.status, 200);
});

Deno.test("the debug port is off by default", async () => {
  await using system = await runningSystem();

  assert.equal(system.client.debugAddress, undefined);
});
