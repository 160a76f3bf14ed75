/**
 * Promise: what is malformed is refused with 400, and what old sites and other
 * programs send all the same is taken as browsers take it.
 */
import assert from "node:assert/strict";
import { pipe } from "../../src/net/stream/pipe.ts";
import { needs } from "../testing/needs.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { runningSystem } from "../testing/running_system.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { RawClient } from "../testing/raw_client.ts";

const CHUNKED = [["Transfer-Encoding", "chunked"]] as const;

Deno.test("a request whose chunks or trailers are malformed is the browser's fault", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  for (
    const [content, reason] of [
      [
        "0\r\nA b: c\r\nNext: 1\r\n\r\n",
        `the field name "A" is followed by a space, not by a colon`,
      ],
      ["3;\r\nabc\r\n0\r\n\r\n", "a chunk extension has no name"],
      ["3\r\nabcd\r\n0\r\n\r\n", "a chunk is longer than its size"],
    ] as const
  ) {
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
    });
    const good = await browser.exchange("POST", "/echo", { content: [] });
    assert.equal(good.status, 200);
    assert.equal(await good.text(), "");

    await browser.raw.send(browser.head("POST", "/echo", CHUNKED) + content);
    const answer = await browser.answer("POST");

    assert.equal(answer.status, 400);
    assert.match(await answer.text(), new RegExp(reason));
    assert.match(answer.get("x-sallyport-error") ?? "", /^bad_request /);
    assert.equal(answer.get("connection"), "close");
  }
});

Deno.test("responses of old sites arrive as ordinary ones", async () => {
  const answers: Record<string, string> = {
    "/later": "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "/folded": "HTTP/1.1 200 OK\r\nA: b\r\n  c\r\nContent-Length: 2\r\n\r\nok",
    "/padded":
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2  \r\nok\r\n0  \r\n\r\n",
    "/coded":
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nConnection: close\r\n\r\nok",
  };
  await using site = startSite(async (exchange) => {
    await exchange.write(answers[exchange.path] ?? "");
    if (exchange.path === "/coded") exchange.endConnection();
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  for (const path of Object.keys(answers)) {
    const answer = await browser.exchange("GET", path);

    assert.match(answer.head, /^HTTP\/1\.1 200 /, path);
    assert.doesNotMatch(answer.head, /\r\n[ \t]|identity/, path);
    assert.equal(await answer.text(), "ok", path);
    if (path === "/folded") assert.equal(answer.get("a"), "b c");
  }
});

Deno.test("a WebSocket is opened by a ws URL sent to the proxy", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  using raw = await RawClient.connect(system.proxyAddress);

  await raw.send(
    `GET ws://origin.test:${origin.port}/ws HTTP/1.1\r\n` +
      `Host: origin.test:${origin.port}\r\n` +
      `Proxy-Authorization: ${system.authorization}\r\n` +
      "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const head = await raw.readHead();

  assert.match(head, /^HTTP\/1\.1 101 /);
  assert.match(head, /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
});

Deno.test("OPTIONS and TRACE that may go no further are responded to by the proxy", async () => {
  const seen: string[] = [];
  await using site = startSite(async (exchange) => {
    seen.push(`${exchange.method} ${exchange.get("max-forwards")}`);
    await exchange.answer(204, {});
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });
  const fields = (left: string) =>
    [["Max-Forwards", left], ["X-A", "b"]] as const;

  const further = await browser.exchange("OPTIONS", "/", {
    fields: fields("1"),
  });
  const last = await browser.exchange("OPTIONS", "/", { fields: fields("0") });
  const trace = await browser.exchange("TRACE", "/a", { fields: fields("0") });
  const text = await trace.text();

  assert.deepEqual([further.status, last.status, trace.status], [
    204,
    200,
    200,
  ]);
  assert.deepEqual(seen, ["OPTIONS 0"]);
  assert.match(text, /^TRACE http:\/\/origin\.test:\d+\/a HTTP\/1\.1\r\n/);
  assert.match(text, /\r\nX-A: b\r\n/);
  assert.doesNotMatch(text, /authorization/i);
});

Deno.test("an upstream proxy may send 100 before it responds to CONNECT", async () => {
  await using origin = await startOrigin();
  await using proxy = new TcpServer(async (conn) => {
    const raw = RawClient.over(conn);
    await raw.readHead();
    await raw.send(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" +
        "HTTP/1.1 200 Connection established\r\n\r\n",
    );
    const site = await Deno.connect({
      hostname: "127.0.0.1",
      port: origin.port,
    });
    await pipe(conn, site);
  });
  await using system = await runningSystem({
    client: {
      upstreamProxy: {
        protocol: "http",
        hostname: "127.0.0.1",
        port: proxy.port,
        credentials: undefined,
      },
    },
  });
  using browser = await BrowserConnection.open(system.proxy, {
    site: origin,
    way: "connect",
  });

  const answer = await browser.exchange("GET", "/status/200");

  assert.equal(answer.status, 200);
  assert.equal(proxy.accepted, 1);
});

Deno.test({
  ...needs("curl"),
  name: "an upload over HTTP/2 that waits for 100 gets it once",
  async fn() {
    await using origin = await startOrigin("https", ["shop.test"]);
    await using system = await runningSystem({
      client: { tlsResignDomains: ["all"] },
      trusted: origin.ca === undefined ? [] : [origin.ca],
    });
    const ca = await Deno.makeTempFile({ suffix: ".pem" });
    try {
      await Deno.writeTextFile(ca, system.server.browserCa);
      const { stdout, stderr } = await run("curl", [
        ...["--silent", "--verbose", "--http2", "--cacert", ca],
        ...["--proxy", system.proxyUrlWithCredentials],
        ...["--header", "Expect: 100-continue", "--data", "hello"],
        `https://shop.test:${origin.port}/digest`,
      ]);

      assert.match(stdout, /"(?:length|bytes|size)":5/, stderr);
      assert.equal(stderr.match(/^< HTTP\/2 100/gm)?.length, 1, stderr);
      assert.equal(stderr.match(/^< HTTP\/2 200/gm)?.length, 1, stderr);
    } finally {
      await Deno.remove(ca);
    }
  },
});
