/** Behind a port mapping or another name: the server says the external addresses, and a client dials where it was sent. */
import assert from "node:assert/strict";
import { connect } from "node:tls";
import type { ServerOptions } from "../../src/server/options.ts";
import type { Server } from "../../src/server/server.ts";
import { get } from "../testing/browser.ts";
import { within } from "../testing/deadline.ts";
import { freePort } from "../testing/free_port.ts";
import { startOrigin } from "../testing/origin.ts";
import { Relay } from "../testing/relay.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";

const EXTERNAL: Partial<ServerOptions> = {
  tunnelAddress: undefined,
  externalUrl: "https://lab.example",
  externalProxyAddress: {
    hostname: "proxy.example",
    port: 3128,
    secure: true,
  },
};

/** What the server sends for a path, to a user who is signed in. */
async function textOf(server: Server, path: string): Promise<string> {
  using client = Deno.createHttpClient({ caCerts: [server.ca?.pem ?? ""] });
  const response = await fetch(new URL(path, server.url), {
    client,
    headers: { Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}` },
  });
  return await response.text();
}

/** The names in the certificate of the server. */
function namesOf({ url }: Server): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const port = Number(new URL(url).port);
  const socket = connect({
    host: "127.0.0.1",
    port,
    rejectUnauthorized: false,
  });
  socket.on("error", reject);
  socket.on("secureConnect", () => {
    resolve(socket.getPeerCertificate().subjectaltname ?? "");
    socket.destroy();
  });
  return within(promise, "a certificate");
}

Deno.test("page, PAC file, certificate and replies have the external addresses", async () => {
  await using server = await startTestServer(EXTERNAL);
  await using client = await startTestClient(server);

  const page = await textOf(server, "/");
  const pac = await textOf(server, "/proxy.pac");
  const names = await namesOf(server);

  assert.match(page, /--server https:\/\/lab\.example \\/);
  assert.match(page, /https:\/\/proxy\.example:3128/);
  assert.match(pac, /return "HTTPS proxy\.example:3128";/);
  assert.match(names, /DNS:lab\.example/);
  assert.match(names, /DNS:proxy\.example/);
  assert.equal(client.tunnel.proxyUrl, "https://proxy.example:3128");
});

Deno.test.each<[string, Partial<ServerOptions>, (port: number) => string]>([
  [
    "external URL",
    { externalUrl: "https://lab.example" },
    () => "HTTPS lab.example:443",
  ],
  [
    "external host",
    { externalHost: "lab.example" },
    (port) => `HTTPS lab.example:${port}`,
  ],
  [
    "external URL, without an HTTPS proxy",
    { externalUrl: "https://lab.example", httpsProxy: false },
    () => "PROXY lab.example:8080",
  ],
])(
  "the PAC file of the shared port has the %s",
  async (_, options, expected) => {
    await using server = await startTestServer({
      tunnelAddress: undefined,
      ...options,
    });

    const pac = await textOf(server, "/proxy.pac");

    const { port } = server.proxyAddress;
    const said = expected(Number(new URL(server.url).port));
    assert.ok(
      pac.includes(`return "${said.replace("8080", String(port))}";`),
      pac,
    );
  },
);

Deno.test("a client opens its tunnel where it reaches the REST API, whatever name the server has", async () => {
  await using origin = await startOrigin();
  await using server = await startTestServer(EXTERNAL);
  await using relay = await Relay.start(Number(new URL(server.url).port));
  await using client = await startTestClient(server, {
    server: `https://127.0.0.1:${relay.port}`,
  });
  const { port } = server.proxyAddress;

  const page = await get(`http://site.test:${origin.port}/`, {
    port,
    credentials: CREDENTIALS,
  });

  assert.equal(page.status, 200);
  assert.equal(client.tunnel.server, `127.0.0.1:${relay.port}`);
});

Deno.test("a client opens its tunnel elsewhere if the server says so", async () => {
  const tunnelAddress = { hostname: "127.0.0.1", port: freePort() };
  await using relay = await Relay.start(tunnelAddress.port);
  const { port } = relay;
  await using server = await startTestServer({
    tunnelAddress,
    externalTunnelAddress: { hostname: "127.0.0.1", port },
  });

  await using client = await startTestClient(server);

  assert.equal(client.tunnel.server, `127.0.0.1:${port}`);
  assert.equal(relay.accepted, 2);
});
