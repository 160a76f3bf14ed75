/**
 * Promise: a server that is stopped says so at once, finishes what is running,
 * and sends its clients away in order: they come back to its successor.
 *
 * @module
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import { get, open } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  beginClientProgram,
  type ServerProgram,
  SIGNALS,
  startAgain,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";
import { callRest, listTunnels } from "./rest_calls.ts";

/** What the server says of itself to a load balancer. */
async function readiness(
  { url, caFile }: ServerProgram,
): Promise<readonly [status: number, text: string]> {
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(caFile)],
  });
  const answer = await fetch(`${url}/readyz`, { client });
  return [answer.status, await answer.text()];
}

async function untilStopping(server: ServerProgram): Promise<void> {
  while ((await readiness(server))[0] === 200);
}

Deno.test(
  "a server that is stopped is not ready, finishes downloads, and its client finds the new server",
  SIGNALS,
  async () => {
    await using directory = await temporaryDirectory();
    const dataDir = directory.path;
    await using server = await startServerProgram({ dataDir });
    await using client = await startClientProgram(server);
    await using origin = await startOrigin();
    const { proxy } = server;
    const before = await listTunnels(server);
    using download = await open(`${origin.url}/hold-body/x`, proxy);
    assert.deepEqual(await readiness(server), [200, "OK"]);

    server.process.signal("SIGTERM");
    await within(untilStopping(server), "the server to say that it stops");
    const during = await readiness(server);
    // The session without a download ends at once, and is not taken again.
    const lost = await client.process.event("connection lost", {
      reason: /^closed by the server/,
    });
    const failed = await client.process.event(
      "connect failed",
      {},
      { after: lost },
    );
    await assert.rejects(get(`${origin.url}/`, proxy));
    origin.release("x");
    const rest = await download.text();
    const { code } = await server.process.exit();
    await using _next = await startAgain(server);
    await client.process.event("established connection to Sallyport server", {
      active: "2/2",
    }, { after: failed });
    const page = await get(`${origin.url}/`, proxy);

    assert.deepEqual(during, [503, "stopping"]);
    assert.match(rest, /last\n$/);
    assert.equal(code, 0);
    const last = server.process.log.all.at(-1);
    assert.equal(last?.message, "server shut down cleanly");
    assert.deepEqual(await listTunnels(server), before);
    assert.equal(page.status, 200);
  },
);

Deno.test(
  "a server that is stopping takes no new tunnels, and a client that starts waits for its successor",
  SIGNALS,
  async () => {
    await using directory = await temporaryDirectory();
    await using server = await startServerProgram({ dataDir: directory.path });
    await using _client = await startClientProgram(server);
    await using origin = await startOrigin();
    const { proxy } = server;
    using download = await open(`${origin.url}/hold-body/x`, proxy);
    const before = await listTunnels(server);

    server.process.signal("SIGTERM");
    await within(untilStopping(server), "the server to say that it stops");
    const refused = await callRest(server, {
      method: "POST",
      path: "",
      body: { tunnel_identifier: "late" },
    });
    const during = await listTunnels(server);
    await using late = await beginClientProgram(server, {
      args: ["--tunnel-name=late", "--http-dial-attempts=1"],
    });
    const waits = await late.process.event("server asked us to retry later", {
      reason:
        "The server is shutting down and accepts no new tunnels, try again in 5 s",
      wait: /^[56]s$/,
    });
    origin.release("x");
    await download.text();
    await server.process.exit();
    // It asks meanwhile, and finds nobody there.
    const waitsOn = await late.process.event("server is not back yet", {
      reason: /refused, check --server$/,
      wait: /^\ds$/,
    });
    await using _next = await startAgain(server);
    await late.process.event("Sallyport is up, you may start your tests");
    const page = await get(`${origin.url}/`, {
      port: server.proxyPort,
      credentials: CREDENTIALS.replace("lab", "late"),
    });

    assert.deepEqual([waits.level, waitsOn.level], ["warn", "warn"]);
    assert.deepEqual([refused.status, refused.retryAfter], [503, "5"]);
    assert.match(
      refused.text,
      /^\{"error":"The server is shutting down and accepts no new tunnels, /,
    );
    assert.deepEqual(during, before);
    assert.equal(page.status, 200);
  },
);
