/** Promise: through CONNECT, a side that has said all it had to say still hears the other one out. @module */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import {
  digestReader,
  patternBytes,
  patternDigest,
} from "../testing/pattern.ts";
import { ProxyConnection } from "../testing/proxy_connection.ts";
import { runningSystem } from "../testing/running_system.ts";
import {
  startDigestServer,
  startEchoServer,
  startGreetingServer,
} from "../testing/tcp_server.ts";

const SIZE = 3_000_000;
const way = "connect";

Deno.test("the browser ends its side first and still gets the answer", async () => {
  await using site = startDigestServer();
  await using system = await runningSystem();
  using browser = await ProxyConnection.open(system, { site, way });

  await browser.raw.send(patternBytes(SIZE));
  await browser.raw.closeWrite();
  const answer = await browser.raw.readAll();

  assert.deepEqual(JSON.parse(answer), patternDigest(SIZE));
});

Deno.test("the origin ends its side first and still gets the rest", async () => {
  await using site = startGreetingServer("goodbye");
  await using system = await runningSystem();
  using browser = await ProxyConnection.open(system, { site, way });

  const greeting = await browser.raw.readAll();
  await browser.raw.send("one more thing");
  await browser.raw.closeWrite();

  assert.equal(greeting, "goodbye");
  const received = await within(site.received, "the rest to arrive");
  assert.equal(received, "one more thing");
});

Deno.test("bytes flow both ways at once until both sides have ended", async () => {
  await using site = startEchoServer();
  await using system = await runningSystem();
  using browser = await ProxyConnection.open(system, { site, way });

  const reading = digestReader(browser.raw);
  await browser.raw.send(patternBytes(SIZE));
  await browser.raw.closeWrite();

  assert.deepEqual(await reading, patternDigest(SIZE));
});

Deno.test("a browser that ends its side after its request still gets the answer", async () => {
  await using site = startDigestServer();
  await using system = await runningSystem();
  using browser = await ProxyConnection.open(system, { site, way });

  await browser.raw.closeWrite();
  const answer = await browser.raw.readAll();

  assert.deepEqual(JSON.parse(answer), patternDigest(0));
});
