/** One TLS port for all: page, REST API, clients, and browsers that use it as an HTTPS proxy. */
import assert from "node:assert/strict";
import { startHttp2Client } from "../../src/http2/client.ts";
import type { Http2Client } from "../../src/http2/api.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import type { Server } from "../../src/server/server.ts";
import { bytesOf, textOf } from "../testing/byte_scanner.ts";
import { startChromium } from "../testing/chromium.ts";
import { needs, requireTool } from "../testing/needs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { RawClient } from "../testing/raw_client.ts";
import {
  type RunningSystem,
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";

/** Nothing but one port. */
const ONE_PORT: Partial<ServerOptions> = {
  tunnelAddress: undefined,
  proxyAddress: "none",
};

/** A system whose server has one port, and a site behind it. */
async function onePort(client: Partial<ClientOptions> = {}): Promise<
  AsyncDisposable & {
    readonly system: RunningSystem;
    readonly server: Server;
    readonly origin: Origin;
    readonly port: number;
    readonly ca: string;
  }
> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin());
  const system = stack.use(await runningSystem({ server: ONE_PORT, client }));
  const { server } = system;
  const parts = stack.move();
  return {
    ...{ system, server, origin },
    port: Number(new URL(server.url).port),
    ca: server.ca?.pem ?? assert.fail(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Opens HTTP/2 to the port. */
async function dialHttp2(
  { port, ca }: { readonly port: number; readonly ca: string },
): Promise<Http2Client> {
  const conn = await Deno.connectTls({
    ...{ hostname: "127.0.0.1", port },
    caCerts: [ca],
    alpnProtocols: ["h2"],
  });
  assert.equal((await conn.handshake()).alpnProtocol, "h2");
  return startHttp2Client(conn);
}

/** Sends a request without content; gives status and text of the response. */
async function ask(
  client: Http2Client,
  fields: readonly string[],
): Promise<{ readonly status: string | undefined; readonly text: string }> {
  const stream = await client.request(fields, { endStream: true });
  const response = await stream.response;
  let text = "";
  const piece = new Uint8Array(4096);
  for (let count; (count = await stream.read(piece)) !== null;) {
    text += textOf(piece.subarray(0, count));
  }
  return { status: response.fields[1], text };
}

/** The fields of a GET. */
function get(
  scheme: "http" | "https",
  authority: string,
  path: string,
  ...more: readonly string[]
): readonly string[] {
  return [
    ...[":method", "GET", ":scheme", scheme],
    ...[":authority", authority, ":path", path, ...more],
  ];
}

Deno.test("one port has page, REST API, PAC file, clients and proxy, over HTTP/1.1", async () => {
  await using world = await onePort();
  const { system, server, origin, port, ca } = world;
  const send = async (text: string) => {
    using raw = await RawClient.connect({ port, ca });
    await raw.send(`${text}\r\nConnection: close\r\n\r\n`);
    return await raw.readAll();
  };
  const host = `Host: 127.0.0.1:${port}`;
  const site = `http://site.test:${origin.port}/`;
  const login = `Proxy-Authorization: ${system.authorization}`;

  assert.equal(server.tunnelAddress.port, port);
  assert.equal(server.proxyUrl, `https://127.0.0.1:${port}`);
  assert.match(await send(`GET /login HTTP/1.1\r\n${host}`), /^HTTP\/1.1 200 /);
  assert.match(
    await send(`GET /rest/v1/${USER.name}/tunnels HTTP/1.1\r\n${host}`),
    /^HTTP\/1.1 401 /,
  );
  assert.match(
    await send(`GET /proxy.pac HTTP/1.1\r\n${host}`),
    new RegExp(`return "HTTPS 127.0.0.1:${port}";`),
  );
  assert.match(
    await send(`GET ${site} HTTP/1.1\r\nHost: site.test`),
    /^HTTP\/1.1 407 /,
  );
  assert.match(
    await send(`GET ${site} HTTP/1.1\r\nHost: site.test\r\n${login}`),
    /^HTTP\/1.1 200 [^]*sallyport test origin/,
  );
});

Deno.test("one HTTP/2 connection has requests for site, proxy and CONNECTs at once", async () => {
  await using world = await onePort();
  const { system, origin, port } = world;
  await using client = await dialHttp2(world);
  const own = `127.0.0.1:${port}`;
  const site = `site.test:${origin.port}`;
  const login = ["proxy-authorization", system.authorization];

  const page = await ask(client, get("https", own, "/login"));
  const before = client.peerSettings.maxConcurrentStreams;
  const forwarded = await ask(client, get("http", site, "/", ...login));
  const refused = await ask(client, get("http", site, "/"));
  const tunnels = await Promise.all(
    Array.from({ length: 200 }, () =>
      client.request([
        ...[":method", "CONNECT", ":authority", site],
        ...login,
      ])),
  );
  const answers = await Promise.all(tunnels.map(async (stream) => {
    const { fields } = await stream.response;
    await stream.write(bytesOf(`GET / HTTP/1.0\r\nHost: ${site}\r\n\r\n`));
    const piece = new Uint8Array(4096);
    const count = await stream.read(piece) ?? 0;
    stream.close();
    return `${fields[1]} ${textOf(piece.subarray(0, count)).slice(0, 15)}`;
  }));

  assert.equal(page.status, "200");
  assert.deepEqual(forwarded, {
    status: "200",
    text: "sallyport test origin\n",
  });
  assert.equal(refused.status, "407");
  assert.deepEqual(new Set(answers), new Set(["200 HTTP/1.1 200 St"]));
  // A login lets one connection have more.
  assert.equal(before, 128);
  assert.equal(client.peerSettings.maxConcurrentStreams, 256);
});

Deno.test("a request for another host of the same certificate gets 421, and is not served", async () => {
  await using world = await onePort();
  await using client = await dialHttp2(world);

  const { status } = await ask(client, get("https", "other.test", "/login"));

  assert.equal(status, "421");
});

Deno.test("plain HTTP is sent to https, and gets to know what the port is", async () => {
  await using server = await startTestServer(ONE_PORT);
  const port = Number(new URL(server.url).port);
  const send = async (text: string) => {
    using raw = await RawClient.connect({ port });
    await raw.send(text);
    return await raw.readAll();
  };
  const host = `Host: 127.0.0.1:${port}\r\n\r\n`;

  assert.match(
    await send(`POST /tunnels/a?b=c HTTP/1.1\r\n${host}`),
    new RegExp(
      `^HTTP/1.1 308 .*\r\nLocation: https://127.0.0.1:${port}/tunnels/a\\?b=c\r\n`,
    ),
  );
  for (
    const line of ["CONNECT site.test:80", "GET http://site.test/", "GET  /"]
  ) {
    assert.match(
      await send(`${line} HTTP/1.1\r\n${host}`),
      /^HTTP\/1.1 400 [^]*This port speaks TLS: write https:\/\/ before/,
    );
  }
  assert.equal(await send("\x05\x01\x00"), "");
});

Deno.test("a proxy port that is opened as a site says what it is", async () => {
  await using server = await startTestServer();
  const { port } = server.proxyAddress;
  const open = async (path: string, ...fields: string[]) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: Object.fromEntries(fields.map((field) => field.split(": "))),
    });
    return { status: response.status, text: await response.text() };
  };

  const page = await open("/", "accept: text/html");
  const text = await open("/favicon.ico");

  assert.equal(page.status, 200);
  assert.match(page.text, /<h1>This is a proxy<\/h1>/);
  assert.match(page.text, new RegExp(`<code>http://127.0.0.1:${port}</code>`));
  assert.equal(text.status, 404);
  assert.match(text.text, /^This is the proxy of a Sallyport server, /);
});

Deno.test("a client with a port of its own is not served on the shared one", async () => {
  await using server = await startTestServer();
  await using client = await startTestClient(server);
  const port = Number(new URL(server.url).port);
  using raw = await RawClient.connect({ port, ca: server.ca?.pem });

  await raw.send(
    `GET /tunnels/${client.tunnel.id}/connect HTTP/1.1\r\nHost: lab.test\r\n` +
      "Connection: Upgrade\r\nUpgrade: sallyport\r\nSallyport-Version: 1\r\n" +
      "Authorization: Bearer x\r\n\r\n",
  );

  assert.notEqual(server.tunnelAddress.port, port);
  assert.equal(
    client.tunnel.server,
    `127.0.0.1:${server.tunnelAddress.port}`,
  );
  assert.match(await raw.readThrough("takes no clients"), /^HTTP\/1.1 404 /);
});

Deno.test("without the HTTPS proxy the shared port forwards nothing", async () => {
  await using server = await startTestServer({ httpsProxy: false });
  const port = Number(new URL(server.url).port);
  using raw = await RawClient.connect({ port, ca: server.ca?.pem });

  await raw.send("CONNECT site.test:443 HTTP/1.1\r\nHost: site.test\r\n\r\n");

  assert.match(await raw.readHead(), /^HTTP\/1.1 421 /);
});

Deno.test({
  ...needs("curl"),
  name: "curl uses the port as an HTTPS proxy, with a job",
  async fn() {
    await using world = await onePort();
    const { origin, port, server } = world;

    const { code, stdout, stderr } = await run(requireTool("curl"), [
      ...["-sS", "-x", `https://127.0.0.1:${port}`, "-U", CREDENTIALS],
      ...["--proxy-cacert", server.ca?.file ?? ""],
      ...["-H", "X-Sallyport-Job: job-1"],
      `http://site.test:${origin.port}/headers`,
    ]);

    assert.deepEqual([code, stderr], [0, ""]);
    assert.doesNotMatch(stdout, /proxy-authorization|sallyport-job/i);
  },
});

Deno.test({
  ...needs("chromium"),
  name: "Chromium uses the port as an HTTPS proxy, over one HTTP/2 connection",
  async fn() {
    await using world = await onePort();
    const { origin, port, system } = world;
    const { username, password } = system.credentials;
    await using chromium = await startChromium({
      proxy: { server: `https://127.0.0.1:${port}`, username, password },
      // The proxy's CA; a lab installs it.
      args: ["--ignore-certificate-errors"],
    });
    const page = await chromium.browser.newPage();

    const answers = [];
    for (let count = 0; count < 3; count++) {
      const host = `site${count}.test:${origin.port}`;
      const answer = await page.goto(`http://${host}/?${count}`);
      answers.push([answer?.status(), await answer?.text()]);
    }
    const socket = await page.evaluate((url) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("error");
      }), `ws://site.test:${origin.port}/ws`);

    assert.deepEqual(answers, Array(3).fill([200, "sallyport test origin\n"]));
    assert.equal(socket, "open");
  },
});

Deno.test("one port that stops finishes downloads, refuses more, and its REST API says why", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem({
    server: { ...ONE_PORT, shutdownTimeout: 20_000 },
  });
  const { server, authorization } = system;
  const port = Number(new URL(server.url).port);
  const ca = server.ca?.pem ?? "";
  const login = ["proxy-authorization", authorization];
  const site = `site.test:${origin.port}`;
  const dial = () => dialHttp2({ port, ca });
  await using browser = await dial();
  await using person = await dial();
  await ask(person, get("https", `127.0.0.1:${port}`, "/login"));
  const download = await browser.request(
    get("http", site, "/hold-body/x", ...login),
    { endStream: true },
  );
  await download.response;

  const stopped = server.stop();
  const ready = await ask(person, get("https", `127.0.0.1:${port}`, "/readyz"));
  const more = await ask(person, get("http", site, "/", ...login));
  await using late = await dial();
  const again = await ask(late, get("https", `127.0.0.1:${port}`, "/readyz"));
  origin.release("x");
  let text = "";
  const piece = new Uint8Array(4096);
  for (let count; (count = await download.read(piece)) !== null;) {
    text += textOf(piece.subarray(0, count));
  }
  await stopped;

  assert.deepEqual(ready, { status: "503", text: "stopping" });
  assert.equal(more.status, "503");
  assert.deepEqual(again, ready);
  assert.match(text, /last\n$/);
});

Deno.test({
  ...needs("bash", "curl"),
  name: "the inspector's example comes through the HTTPS proxy",
  async fn() {
    await using world = await onePort({
      inspector: {},
      apiAddress: { hostname: "127.0.0.1", port: 0 },
    });
    const { client } = world.system;
    const page = await (
      await fetch(new URL("/inspector", client.apiUrl))
    ).text();
    const [, example = ""] = /<code>(curl [^<]+)<\/code>/.exec(page) ?? [];
    const command = example
      .replaceAll("&#39;", "'").replaceAll("&quot;", '"')
      .replace("ca.pem", world.server.ca?.file ?? "none")
      .replace("http://intranet/", `http://site.test:${world.origin.port}/`);

    const { code, stdout, stderr } = await run("bash", [
      ...["-euc", command.replace("curl ", "curl -sS --max-time 20 ")],
    ], { env: { SALLYPORT_ACCESS_KEY: USER.key } });

    assert.equal(code, 0, `${command}\n${stderr}`);
    assert.match(command, / --proxy-cacert /);
    assert.match(stdout, /sallyport test origin/);
  },
});
