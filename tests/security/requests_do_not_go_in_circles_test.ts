/** No request goes round in circles: one that leads back to the proxy it came through gets a 400 at once. */
import assert from "node:assert/strict";
import { connectTo, get, readPage } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { within } from "../testing/deadline.ts";
import { freePort } from "../testing/free_port.ts";
import { startOrigin } from "../testing/origin.ts";
import { RawClient } from "../testing/raw_client.ts";
import {
  proxyCredentials,
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";

const LOOPBACK = "127.0.0.1";
const ORIGIN_FORM: Readonly<Record<string, readonly string[]>> = {
  "GET /": ["GET / HTTP/1.1"],
  "OPTIONS *": ["OPTIONS * HTTP/1.1"],
  "a WebSocket": [
    "GET / HTTP/1.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ],
};

/** The client's own port, as it can be spelt. */
const OWN_NAMES = [
  LOOPBACK,
  "localhost",
  "own.test",
  "[::ffff:127.0.0.1]",
];

for (const [what, lines] of Object.entries(ORIGIN_FORM)) {
  Deno.test(`the debug port refuses ${what} as if it were the site`, async () => {
    await using system = await runningSystem({
      client: { debugAddress: { hostname: LOOPBACK, port: 0 } },
    });
    const { port } = system.client.debugAddress ?? assert.fail();

    using raw = await RawClient.connect({ port });
    await raw.send(
      [...lines, `Host: ${LOOPBACK}:${port}`, "", ""].join("\r\n"),
    );
    const page = await readPage(raw);

    assert.equal(page.status, 400);
    assert.match(page.error ?? "", /^origin_form This port is a proxy/);
  });
}

for (const name of OWN_NAMES) {
  Deno.test(`the debug port does not connect to itself as ${name}`, async () => {
    await using system = await runningSystem({
      client: { debugAddress: { hostname: LOOPBACK, port: 0 } },
    });
    const { port } = system.client.debugAddress ?? assert.fail();
    const authority = `${name}:${port}`;
    const throughTunnel = {
      port: system.proxyAddress.port,
      credentials: CREDENTIALS,
    };

    for (
      const page of [
        await get(`http://${authority}/`, { port }),
        await connectTo(authority, { port }),
        await get(`http://${authority}/`, throughTunnel),
        await connectTo(authority, throughTunnel),
      ]
    ) {
      assert.equal(page.status, 400);
      assert.match(page.error ?? "", /^loop /);
    }
  });
}

Deno.test("a client is not its own upstream proxy", async () => {
  await using origin = await startOrigin();
  const port = freePort();
  await using _system = await runningSystem({
    client: {
      debugAddress: { hostname: LOOPBACK, port },
      upstreamProxy: {
        protocol: "http",
        hostname: "own.test",
        port,
        credentials: undefined,
      },
    },
  });
  const authority = `origin.test:${origin.port}`;

  for (
    const page of [
      await get(`http://${authority}/bytes/5`, { port }),
      await connectTo(authority, { port }),
    ]
  ) {
    assert.equal(page.status, 400);
    assert.match(page.error ?? "", /^loop /);
  }
});

Deno.test("a tunnel is not its own upstream proxy", async () => {
  await using origin = await startOrigin();
  await using server = await startTestServer();
  const { port } = server.proxyAddress;
  await using _client = await startTestClient(server, {
    upstreamProxy: {
      protocol: "http",
      hostname: "server.test",
      port,
      credentials: proxyCredentials(),
    },
  });
  const authority = `origin.test:${origin.port}`;
  const browser = { port, credentials: CREDENTIALS };

  for (
    const page of [
      await within(get(`http://${authority}/bytes/5`, browser), "an answer"),
      await within(connectTo(authority, browser), "an answer"),
    ]
  ) {
    assert.equal(page.status, 400);
    assert.match(page.error ?? "", /^loop /);
  }
});

Deno.test("requests still pass where nothing leads back", async () => {
  await using origin = await startOrigin();
  await using first = await runningSystem({
    client: { debugAddress: { hostname: LOOPBACK, port: 0 } },
  });
  const { port: upstream } = first.client.debugAddress ?? assert.fail();
  await using second = await runningSystem({
    client: {
      upstreamProxy: {
        protocol: "http",
        hostname: LOOPBACK,
        port: upstream,
        credentials: undefined,
      },
    },
  });
  const authority = `origin.test:${origin.port}`;
  const browser = {
    port: second.proxyAddress.port,
    credentials: CREDENTIALS,
  };

  const page = await get(`http://${authority}/bytes/5`, browser);
  const connected = await connectTo(authority, browser);

  assert.deepEqual([page.status, page.text.length], [200, 5]);
  assert.equal(connected.status, 200);
});
