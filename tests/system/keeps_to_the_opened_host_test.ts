/** Promise: requests inside opened TLS are for that host alone, and what is not TLS passes as it is. @module */
import assert from "node:assert/strict";
import { BrowserConnection, openTls } from "../testing/browser.ts";
import { bytesOf, textOf } from "../testing/byte_scanner.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import type { RawClient } from "../testing/raw_client.ts";
import {
  type RunningSystem,
  runningSystem,
  startTestClient,
} from "../testing/running_system.ts";
import { startEchoServer, TcpServer } from "../testing/tcp_server.ts";
import {
  OPCODE,
  readFrame,
  sendFrame,
  WEBSOCKET_ACCEPT,
} from "../testing/websocket_client.ts";

const HOST = "shop.test";

async function openingSystem(origin?: Origin): Promise<RunningSystem> {
  return await runningSystem({
    client: { tlsResignDomains: ["all"] },
    trusted: origin?.ca === undefined ? [] : [origin.ca],
  });
}

/** Has the proxy connect to a site. */
async function connectTo(
  { proxy }: RunningSystem,
  hostname: string,
  port: number,
): Promise<RawClient> {
  const site = { port };
  const way = "connect";
  return (await BrowserConnection.open(proxy, { site, hostname, way })).raw;
}

/** Speaks TLS with the peer behind the proxy, trusting the server's CA alone. */
async function tlsTo(system: RunningSystem, port: number): Promise<RawClient> {
  return await openTls(system.proxy, {
    site: { port },
    hostname: HOST,
    ca: system.server.browserCa,
  });
}

Deno.test("requests follow each other on one connection, and the origin's cookies and status pass", async () => {
  await using origin = await startOrigin("https", [HOST]);
  await using system = await openingSystem(origin);
  using browser = await tlsTo(system, origin.port);

  for (const path of ["/status/404", "/cookies", "/status/204"]) {
    await browser.send(
      `GET ${path} HTTP/1.1\r\nHost: ${HOST}:${origin.port}\r\n\r\n`,
    );
    const head = await browser.readHead();
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    await browser.readExactly(length);
    if (path === "/cookies") assert.match(head, /a=1[^]*b=2; Path=\//);
    else assert.ok(head.startsWith(`HTTP/1.1 ${path.slice(-3)} `), head);
  }

  assert.equal(origin.heads.length, 3);
});

const STRANGERS: readonly (readonly [what: string, head: string])[] = [
  ["another host", "GET /a HTTP/1.1\r\nHost: other.test:PORT\r\n\r\n"],
  ["another port", `GET /a HTTP/1.1\r\nHost: ${HOST}:1\r\n\r\n`],
  ["the port of https", `GET /a HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  [
    "another host in the target",
    "GET https://other.test:PORT/a HTTP/1.1\r\nHost: other.test:PORT\r\n\r\n",
  ],
  [
    "another scheme",
    `GET http://${HOST}:PORT/a HTTP/1.1\r\nHost: ${HOST}:PORT\r\n\r\n`,
  ],
  [
    "a connection",
    `CONNECT ${HOST}:PORT HTTP/1.1\r\nHost: ${HOST}:PORT\r\n\r\n`,
  ],
  [
    "a WebSocket of another host",
    "GET /ws HTTP/1.1\r\nHost: other.test:PORT\r\nConnection: Upgrade\r\n" +
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ],
];

for (const [what, head] of STRANGERS) {
  Deno.test(`a request for ${what} is misdirected`, async () => {
    await using origin = await startOrigin("https", [HOST, "other.test"]);
    await using system = await openingSystem(origin);
    using browser = await tlsTo(system, origin.port);

    await browser.send(head.replaceAll("PORT", `${origin.port}`));
    const answer = await browser.readHead();

    assert.match(answer, /^HTTP\/1\.1 421 /);
    assert.match(answer, /^X-Sallyport-Error: misdirected /m);
    assert.deepEqual(origin.heads, []);
  });
}

Deno.test("the case of the host does not matter, and the origin sees it as written", async () => {
  await using origin = await startOrigin("https", [HOST]);
  await using system = await openingSystem(origin);
  using browser = await tlsTo(system, origin.port);

  await browser.send(
    `GET /status/200 HTTP/1.1\r\nHost: Shop.test:${origin.port}\r\n\r\n`,
  );
  const answer = await browser.readHead();

  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(origin.heads[0] ?? "", /^Host: Shop\.test:/m);
});

Deno.test("a WebSocket works inside HTTP/1.1", async () => {
  await using origin = await startOrigin("https", [HOST]);
  await using system = await openingSystem(origin);
  using browser = await tlsTo(system, origin.port);

  await browser.send(
    `GET /ws HTTP/1.1\r\nHost: ${HOST}:${origin.port}\r\n` +
      "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const answer = await browser.readHead();
  for (let at = 0; at < 100; at++) {
    const payload = bytesOf(`message ${at}`);
    await sendFrame(browser, { opcode: OPCODE.text, payload });
    assert.equal(textOf((await readFrame(browser)).payload), `message ${at}`);
  }
  await sendFrame(browser, {
    opcode: OPCODE.close,
    payload: new Uint8Array(),
  });
  const last = await readFrame(browser);

  assert.match(answer, /^HTTP\/1\.1 101 /);
  assert.ok(answer.includes(WEBSOCKET_ACCEPT));
  assert.equal(last.opcode, OPCODE.close);
});

Deno.test("bytes that are not TLS pass as they are, both ends one by one", async () => {
  await using echo = startEchoServer();
  await using system = await openingSystem();
  const plain = await connectTo(system, "mail.test", echo.port);
  using browser = plain;

  await browser.send("EHLO browser.test\r\n");
  const answer = await browser.readExactly(19);

  assert.equal(textOf(answer), "EHLO browser.test\r\n");
});

Deno.test("a server that speaks first is heard after a moment", async () => {
  await using mail = new TcpServer(async (conn) => {
    await conn.write(bytesOf("220 mail.test ESMTP\r\n"));
    await conn.read(new Uint8Array(10));
  });
  await using system = await openingSystem();
  const plain = await connectTo(system, "mail.test", mail.port);
  using browser = plain;

  assert.equal(
    textOf(await browser.readExactly(21)),
    "220 mail.test ESMTP\r\n",
  );
});

Deno.test("a response that ends the connection is whole", async () => {
  await using origin = await startOrigin("https", [HOST]);
  await using system = await openingSystem(origin);
  using browser = await tlsTo(system, origin.port);

  await browser.send(
    `GET /bytes/3000000 HTTP/1.1\r\nHost: ${HOST}:${origin.port}\r\n` +
      "Connection: close\r\n\r\n",
  );
  const head = await browser.readHead();
  const content = await browser.readAll();

  assert.match(head, /^HTTP\/1\.1 200 /);
  assert.equal(content.length, 3_000_000);
});

Deno.test("a connection on which nothing is said is not made to the site", async () => {
  await using echo = startEchoServer();
  await using system = await openingSystem();
  using browser = await connectTo(system, "mail.test", echo.port);

  await browser.closeWrite();

  assert.equal(await browser.readAll(), "");
  assert.equal(echo.accepted, 0);
});

Deno.test("a connection that leads nowhere is closed", async () => {
  await using system = await openingSystem();
  const plain = await connectTo(system, "nowhere.invalid", 25);
  using browser = plain;

  await browser.send("EHLO browser.test\r\n");

  assert.equal(await browser.readAll(), "");
});

Deno.test("a connection does not outlive the rules it was opened by", async () => {
  await using origin = await startOrigin("https", [HOST]);
  await using system = await openingSystem(origin);
  using browser = await tlsTo(system, origin.port);
  const request =
    `GET /status/204 HTTP/1.1\r\nHost: ${HOST}:${origin.port}\r\n\r\n`;
  await browser.send(request);
  const before = await browser.readHead();

  const replaced = assert.rejects(system.client.done, /replaced/);
  await using _next = await startTestClient(system.server);
  await replaced;
  await browser.send(request);
  const after = await browser.readHead();

  assert.match(before, /^HTTP\/1\.1 204 /);
  assert.match(after, /^HTTP\/1\.1 421 /);
  assert.equal(origin.heads.length, 1);
});

Deno.test("the server stops while connections are open", async () => {
  await using origin = await startOrigin("https", [HOST]);
  const system = await openingSystem(origin);
  using browser = await tlsTo(system, origin.port);
  await browser.send(
    `GET /status/204 HTTP/1.1\r\nHost: ${HOST}:${origin.port}\r\n\r\n`,
  );
  await browser.readHead();

  await system[Symbol.asyncDispose]();

  // With the end that TLS says, or without: the connection is over.
  await browser.readAll().catch(() => {});
});
