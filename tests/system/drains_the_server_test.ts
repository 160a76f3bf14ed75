/**
 * Promise: a server that is stopped says so at once, finishes what is under way,
 * and sends its clients away in order: they come back to its successor.
 *
 * @module
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import { CREDENTIALS, get, open } from "./browser.ts";
import {
  type ServerProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";
import { listTunnels } from "./rest_calls.ts";

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
  "a server that is stopped is not ready, finishes downloads, and its client finds the next one",
  SIGNALS,
  async () => {
    await using directory = await temporaryDirectory();
    const dataDir = directory.path;
    await using server = await startServerProgram({ dataDir });
    await using client = await startClientProgram(server);
    await using origin = await startOrigin();
    const proxy = { port: server.proxyPort, credentials: CREDENTIALS };
    const before = await listTunnels(server);
    using download = await open(`${origin.url}/hold-body/x`, proxy);
    assert.deepEqual(await readiness(server), [200, "OK"]);

    server.process.signal("SIGTERM");
    await within(untilStopping(server), "the server to say that it stops");
    const during = await readiness(server);
    // The session without a download ends at once, and is not taken again.
    await client.process.waitFor(
      /connection lost reason="?closed by the server[^]*connect failed/,
    );
    await assert.rejects(get(`${origin.url}/`, proxy));
    origin.release("x");
    const rest = await download.rest();
    const { code, stdout } = await server.process.exit();
    await using _next = await startServerProgram({
      dataDir,
      args: [
        `--address=127.0.0.1:${new URL(server.url).port}`,
        `--tunnel-address=127.0.0.1:${server.tunnelPort}`,
        `--proxy-address=127.0.0.1:${server.proxyPort}`,
      ],
    });
    await client.process.waitFor(/connect failed[^]* active=2\/2\n/);
    const page = await get(`${origin.url}/`, proxy);

    assert.deepEqual(during, [503, "stopping"]);
    assert.match(rest, /last\n$/);
    assert.equal(code, 0);
    assert.match(stdout, /server was shutdown gracefully/);
    assert.deepEqual(await listTunnels(server), before);
    assert.equal(page.status, 200);
  },
);
