/**
 * Promise: the programs that start Sauce Connect for others, node-saucelabs and
 * the Jenkins plugin, start this one. They give no address of the server: that
 * comes from the environment.
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import { startProgram, type TestProcess } from "../testing/process.ts";
import { get } from "../testing/browser.ts";
import { USER } from "../testing/user.ts";
import { type ServerProgram, SIGNALS, startServerProgram } from "./programs.ts";
import { listTunnels } from "./rest_calls.ts";

interface Info {
  readonly "tunnel_id": string;
}

/** Starts a client with the words that node-saucelabs writes, in its order. */
function startAsWrapper(server: ServerProgram): TestProcess {
  return startProgram([
    "run",
    `--username=${USER.name}`,
    `--access-key=${USER.key}`,
    "--metadata=runner=node-saucelabs",
    // The wrapper says ":8032"; tests take any free port.
    "--api-address=127.0.0.1:0",
    "--region=us-west-1",
    "--tunnel-name=lab",
    "--proxy-localhost=allow",
  ], {
    env: {
      SALLYPORT_SERVER: server.url,
      SALLYPORT_CACERT_FILE: server.caFile,
      SALLYPORT_TUNNEL_CONNECTIONS: "2",
    },
  });
}

/** Asks until it is ready, as a wrapper does. */
async function ready(apiUrl: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(`${apiUrl}readyz`, {
      signal: AbortSignal.timeout(1_000),
    }).then(async (reply) => (await reply.body?.cancel(), reply));
    if (status === 200) return;
    assert.equal(status, 503);
  }
}

Deno.test.each(["SIGINT", "SIGTERM"] as const)(
  "a wrapper starts run, polls /readyz, reads the id from /info and ends it with %s",
  SIGNALS,
  async (signal) => {
    await using server = await startServerProgram();
    await using origin = await startOrigin();
    await using process = startAsWrapper(server);

    const { fields } = await process.event("HTTP server listen");
    const apiUrl = `http://${fields["address"]}/`;
    await within(ready(apiUrl), "/readyz to answer 200");
    const info: Info = await (await fetch(`${apiUrl}info`)).json();
    const tunnels = await listTunnels(server);
    const page = await get(`${origin.url}/bytes/5`, server.proxy);
    process.signal(signal);
    const { code, stdout, stderr } = await process.exit();

    assert.deepEqual(tunnels, [info.tunnel_id]);
    assert.equal(page.status, 200);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /you may start your tests/);
    assert.match(stdout, / region=us-west-1 /);
    assert.deepEqual(await listTunnels(server), []);
  },
);

Deno.test("a region without a server is refused, with how to name the server", async () => {
  await using process = startProgram([
    "run",
    "--region=us-west-1",
    "--username=demo",
    "--access-key=k",
    "--tunnel-name=lab",
  ]);
  const { code, stdout, stderr } = await process.exit();

  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(
    stderr,
    "sallyport: Cannot start without --server: not set, use the flag, " +
      "SALLYPORT_SERVER or --config-file\n",
  );
});
