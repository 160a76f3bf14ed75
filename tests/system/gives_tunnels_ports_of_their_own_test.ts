/** A port for one tunnel, where browsers need no credentials: who may use it, what it leads to, how long it lives. */
import assert from "node:assert/strict";
import type { Server } from "../../src/server/server.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { startChromium } from "../testing/chromium.ts";
import { freePort } from "../testing/free_port.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { RawClient } from "../testing/raw_client.ts";
import { get, readPage } from "../testing/browser.ts";
import { credentialsFor } from "../testing/user.ts";
import {
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";

const DEDICATED = { dedicatedPort: true } as const;

/** A server with one port to give. */
function onePort(
  options: Partial<ServerOptions> = {},
): Partial<ServerOptions> {
  const port = freePort();
  return { proxyPortRange: { first: port, last: port }, ...options };
}

function portOf(address: string | undefined): number {
  return Number(/:(\d+)$/.exec(address ?? "")?.[1] ?? assert.fail());
}

/** Whether nothing listens there. */
async function isClosed(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return false;
  } catch {
    // Refused: the subject of this test.
    return true;
  }
}

Deno.test("a browser without credentials reaches a tunnel at its own port, and no other", async () => {
  await using origin = await startOrigin();
  await using server = await startTestServer(onePort());
  await using own = await startTestClient(server, DEDICATED);
  await using other = await startTestClient(server, { tunnelName: "other" });
  const url = `http://origin.test:${origin.port}/headers`;

  const page = await get(url, { port: portOf(own.tunnel.dedicatedProxy) });
  const shared = await get(url, { port: server.proxyAddress.port });

  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /proxy-auth/i);
  assert.equal(shared.status, 407);
  assert.equal(other.tunnel.dedicatedProxy, undefined);
});

Deno.test({
  ...needs("chromium"),
  name: "Chromium finds the port by its PAC URL",
  async fn() {
    await using origin = await startOrigin();
    await using system = await runningSystem({
      server: onePort(),
      client: DEDICATED,
    });
    const { dedicatedProxy } = system.client.tunnel;
    await using chromium = await startChromium({
      args: [`--proxy-pac-url=http://${dedicatedProxy}/proxy.pac`],
    });
    const page = await chromium.browser.newPage();

    const answer = await page.goto(`http://intranet.test:${origin.port}/`);

    assert.equal(await answer?.text(), "sallyport test origin\n");
  },
});

Deno.test({
  ...needs("curl"),
  name: "the port takes SOCKS too, and gives a site's own proxy.pac on request",
  async fn() {
    await using origin = await startOrigin();
    await using system = await runningSystem({
      server: onePort(),
      client: DEDICATED,
    });
    const proxy = system.client.tunnel.dedicatedProxy;
    const curl = (...args: string[]) =>
      run("curl", ["-sS", "--max-time", "20", ...args]);

    const socks = await curl(
      ...["-x", `socks5h://${proxy}`],
      `http://origin.test:${origin.port}/`,
    );
    const pac = await curl(`http://${proxy}/proxy.pac`);
    const siteFile = await curl(
      ...["-x", `http://${proxy}`],
      `http://origin.test:${origin.port}/proxy.pac`,
    );

    assert.equal(socks.stdout, "sallyport test origin\n");
    assert.match(pac.stdout, new RegExp(`return "PROXY ${proxy}";`));
    assert.doesNotMatch(siteFile.stdout, /FindProxyForURL/);
  },
});

/** What a page of a browser that does not know it as a proxy sends to the port. */
function asToSite(host: string, fields: readonly string[] = []): string {
  return ["GET / HTTP/1.1", `Host: ${host}`, ...fields, "", ""].join("\r\n");
}

const WEBSOCKET = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

for (
  const [what, fields] of [["page", []], ["WebSocket", WEBSOCKET]] as const
) {
  Deno.test(`a ${what} for the port itself is refused, whatever Host says`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem({
      server: onePort(),
      client: DEDICATED,
    });
    const port = portOf(system.client.tunnel.dedicatedProxy);
    const pageOf = async (host: string) => {
      using raw = await RawClient.connect({ port });
      await raw.send(asToSite(host, fields));
      return await readPage(raw);
    };

    const site = await pageOf(`origin.test:${origin.port}`);
    const itself = await pageOf(`127.0.0.1:${port}`);

    for (const { status, error, text } of [site, itself]) {
      assert.equal(status, 400);
      assert.match(error ?? "", /^origin_form This port is a proxy, /);
      assert.match(text, /\/proxy\.pac/);
    }
    assert.deepEqual(origin.heads, []);
  });
}

Deno.test("requests with credentials at the shared port may have origin-form", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  const { port } = system.proxyAddress;
  const authorization = `Proxy-Authorization: ${system.authorization}`;
  using raw = await RawClient.connect({ port });
  await raw.send(asToSite(`origin.test:${origin.port}`, [authorization]));

  assert.equal((await readPage(raw)).status, 200);
});

Deno.test("members of a pool that want no port are not reached at it", async () => {
  await using origin = await startOrigin();
  await using server = await startTestServer(onePort());
  const pool = { tunnelPool: true };
  await using open = await startTestClient(server, { ...pool, ...DEDICATED });
  await using _closed = await startTestClient(server, {
    ...pool,
    denyDomains: ["all"],
  });
  const port = portOf(open.tunnel.dedicatedProxy);

  const statuses = [];
  for (let count = 0; count < 6; count++) {
    const page = await get(`http://origin.test:${origin.port}/`, { port });
    statuses.push(page.status);
  }

  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 200]);
});

Deno.test("a port goes with the last tunnel of its name, and stays when one replaces another", async () => {
  await using server = await startTestServer(onePort());
  const first = await startTestClient(server, DEDICATED);
  const port = portOf(first.tunnel.dedicatedProxy);
  const second = await startTestClient(server, DEDICATED);
  await first[Symbol.asyncDispose]();
  const between = await isClosed(port);
  await second.stop();

  assert.equal(portOf(second.tunnel.dedicatedProxy), port);
  assert.equal(between, false);
  await untilClosed(port);
});

Deno.test("a tunnel that comes too late for a port works with credentials", async () => {
  await using origin = await startOrigin();
  await using server: Server = await startTestServer(onePort());
  await using _first = await startTestClient(server, DEDICATED);
  await using second = await startTestClient(server, {
    ...DEDICATED,
    tunnelName: "late",
  });

  const { status } = await get(`http://origin.test:${origin.port}/`, {
    port: server.proxyAddress.port,
    credentials: credentialsFor("late"),
  });

  assert.equal(second.tunnel.dedicatedProxy, undefined);
  assert.equal(status, 200);
});

/** The tunnel has ended for its client a moment before it has for the server. */
async function untilClosed(port: number): Promise<void> {
  while (!await isClosed(port));
}
