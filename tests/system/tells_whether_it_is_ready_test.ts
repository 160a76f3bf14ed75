/**
 * Promise: `/readyz` and `/healthz` say how the client is, from start to end. A
 * client that has just lost its server stays healthy for as long as the server
 * keeps its tunnel.
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { open } from "../testing/browser.ts";
import {
  beginClientProgram,
  type ClientProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
  waitingFor,
} from "./programs.ts";

async function statusOf(
  { apiUrl }: ClientProgram,
  path: "readyz" | "healthz",
): Promise<number> {
  const answer = await fetch(apiUrl + path);
  await answer.body?.cancel();
  return answer.status;
}

async function both(client: ClientProgram): Promise<readonly number[]> {
  return [await statusOf(client, "readyz"), await statusOf(client, "healthz")];
}

Deno.test("neither ready nor healthy before there is a connection", async () => {
  await using server = await startServerProgram();
  // Takes connections and never responds.
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `https://127.0.0.1:${silent.addr.port}`;
  await using client = await beginClientProgram({ ...server, url });

  assert.deepEqual(await both(client), [503, 503]);
});

Deno.test("both once it is up; healthy but not ready while it reconnects", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);

  const up = await both(client);
  server.process.signal("SIGKILL");
  await client.process.event("connect failed");

  assert.deepEqual(up, [200, 200]);
  assert.deepEqual(await both(client), [503, 200]);
});

Deno.test(
  "not ready while it waits for the last exchange",
  SIGNALS,
  async () => {
    await using server = await startServerProgram();
    await using client = await startClientProgram(server);
    await using origin = await startOrigin();
    const { proxy } = server;
    using _held = await open(`${origin.url}/hold-body/x`, proxy);

    client.process.signal("SIGTERM");
    await client.process.event(waitingFor(1));

    assert.deepEqual(await both(client), [503, 200]);
  },
);
