/**
 * Promise: a server that has had too many requests, or has no time, costs a
 * client time and not its tunnel.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { WantedFields } from "../testing/event_log.ts";
import { startOrigin } from "../testing/origin.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  beginClientProgram,
  type ClientProgram,
  type ServerProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";
import { callRest } from "./rest_calls.ts";
import { startRestFront, unavailable } from "./rest_front.ts";

/** Milliseconds in which a client looks at its tunnel several times. */
const LOOKS = 45_000;

/** Far more than are taken at once. */
const MOST = 100;

/** A server with one request a second for each user. */
function startSlowServer(): Promise<ServerProgram> {
  return startServerProgram({ args: ["--rest-user-rate-limit=1"] });
}

/** Uses up the requests of the user. */
async function useUp(server: ServerProgram): Promise<void> {
  for (let asked = 0; asked < MOST; asked++) {
    if ((await callRest(server, { path: "" })).status === 429) return;
  }
  assert.fail(`All of ${MOST} passed`);
}

/** Uses up all that come back, until the client has been refused one and says so. */
async function refuseUntil(
  said: readonly [message: string, fields: WantedFields],
  { server, client }: {
    readonly server: ServerProgram;
    readonly client: ClientProgram;
  },
): Promise<void> {
  let isSaid = false;
  await Promise.all([
    client.process.event(...said, { ms: LOOKS }).finally(() => isSaid = true),
    (async () => {
      while (!isSaid) await callRest(server, { path: "" });
    })(),
  ]);
}

Deno.test(
  "a client that starts when its user has no requests left says that it waits, and comes up",
  SIGNALS,
  async () => {
    await using server = await startSlowServer();
    await useUp(server);
    await using client = await beginClientProgram(server);

    const fields = {
      reason: "Too many requests from you: wait 1 s",
      wait: /^[12]s$/,
    };
    await refuseUntil(["server asked us to retry later", fields], {
      server,
      client,
    });
    await client.process.event("Sallyport is up, you may start your tests");
    client.process.signal("SIGTERM");
    const { code, stderr } = await client.process.exit();

    assert.deepEqual([code, stderr], [0, ""]);
    const { log } = client.process;
    const [waits] = log.matching("server asked us to retry later", fields);
    assert.equal(waits?.level, "warn");
    assert.equal(log.matching("Sallyport running").length, 1);
  },
);

Deno.test(
  "a refused heartbeat does not end the tunnel: 429 of the server, and 503 of what is before it",
  SIGNALS,
  async () => {
    await using server = await startSlowServer();
    await using origin = await startOrigin();
    let isBusy = false;
    await using front = await startRestFront(server, {
      tunnelPort: server.tunnelPort,
      answer: (path) =>
        isBusy && /\/tunnels\/\w{32}/.test(path) ? unavailable() : undefined,
    });
    const debug = "--log-level=debug";
    await using client = await startClientProgram(server, { args: [debug] });
    await using behind = await startClientProgram(front, {
      args: [debug, "--tunnel-name=behind"],
    });
    isBusy = true;

    await Promise.all([
      refuseUntil(
        ["heartbeat failed", { cause: /^RestError: Too many requests/ }],
        { server, client },
      ),
      behind.process.event(
        "heartbeat failed",
        { cause: /^RestError: The front is busy/ },
        { ms: LOOKS },
      ),
    ]);
    const pages = [];
    for (const name of ["lab", "behind"]) {
      const credentials = CREDENTIALS.replace("lab", name);
      const page = await get(`${origin.url}/`, {
        port: server.proxyPort,
        credentials,
      });
      pages.push(page.status);
    }
    isBusy = false;

    assert.deepEqual(pages, [200, 200]);
    for (const { process } of [client, behind]) {
      process.signal("SIGTERM");
      const { code, stderr } = await process.exit();
      assert.deepEqual([code, stderr], [0, ""]);
    }
  },
);

Deno.test(
  "a client that is stopped when its user has no requests left says goodbye all the same",
  SIGNALS,
  async () => {
    await using server = await startSlowServer();
    await using client = await startClientProgram(server);
    await useUp(server);

    client.process.signal("SIGTERM");
    let hasExited = false;
    const [{ code, stderr }] = await Promise.all([
      client.process.exit().finally(() => hasExited = true),
      (async () => {
        // One refusal is enough; with more it would be right to go.
        const isRefused = () =>
          client.process.log.matching("server asked us to retry later")
            .length > 0;
        while (!hasExited && !isRefused()) await callRest(server, { path: "" });
      })(),
    ]);

    assert.deepEqual([code, stderr], [0, ""]);
    await server.process.event("tunnel ended", { reason: "sigterm" });
  },
);
