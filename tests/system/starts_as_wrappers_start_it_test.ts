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

/** The words that wrappers write, in their order. They name a port; tests take any free one. */
const WORDS = {
  "node-saucelabs": [
    "run",
    `--username=${USER.name}`,
    `--access-key=${USER.key}`,
    "--metadata=runner=node-saucelabs",
    "--api-address=127.0.0.1:0",
    "--region=us-west-1",
    "--tunnel-name=lab",
    "--proxy-localhost=allow",
  ],
  "the Jenkins plugin for version 4": [
    ...["legacy", "--user", USER.name, "--api-key", USER.key],
    ...["--status-address", "127.0.0.1:0"],
    ...["--region", "us-west-1", "-i", "lab", "--proxy-localhost"],
    ...["--extra-info", '{"runner": "jenkins"}'],
  ],
} as const;

function startAsWrapper(
  server: ServerProgram,
  wrapper: keyof typeof WORDS,
): TestProcess {
  return startProgram([...WORDS[wrapper]], {
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

Deno.test.each(
  [
    ["node-saucelabs", "SIGINT"],
    ["node-saucelabs", "SIGTERM"],
    ["the Jenkins plugin for version 4", "SIGTERM"],
  ] as const,
)(
  "%s starts a tunnel, polls /readyz, reads the id from /info and ends it with %s",
  SIGNALS,
  async (wrapper, signal) => {
    await using server = await startServerProgram();
    await using origin = await startOrigin();
    await using process = startAsWrapper(server, wrapper);

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
