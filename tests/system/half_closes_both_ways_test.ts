/**
 * Promise: through CONNECT, a side that has said all it had to say still hears
 * the other one out, for a minute.
 */
import assert from "node:assert/strict";
import { DEFAULT_GRACE } from "../../src/net/stream/pipe.ts";
import { bytesOf, textOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import {
  digestReader,
  patternBytes,
  patternDigest,
} from "../testing/pattern.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";
import {
  startDigestServer,
  startEchoServer,
  startGreetingServer,
  TcpServer,
} from "../testing/tcp_server.ts";

const SIZE = 3_000_000;
const way = "connect";

Deno.test("the browser ends its side first and still gets the response", async () => {
  await using site = startDigestServer();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site, way });

  await browser.raw.send(patternBytes(SIZE));
  await browser.raw.closeWrite();
  const answer = await browser.raw.readAll();

  assert.deepEqual(JSON.parse(answer), patternDigest(SIZE));
});

Deno.test("the origin ends its side first and still gets the rest", async () => {
  await using site = startGreetingServer("goodbye");
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site, way });

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
  using browser = await BrowserConnection.open(system.proxy, { site, way });

  const reading = digestReader(browser.raw);
  await browser.raw.send(patternBytes(SIZE));
  await browser.raw.closeWrite();

  assert.deepEqual(await reading, patternDigest(SIZE));
});

Deno.test("a browser that ends its side after its request still gets the response", async () => {
  await using site = startDigestServer();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site, way });

  await browser.raw.closeWrite();
  const answer = await browser.raw.readAll();

  assert.deepEqual(JSON.parse(answer), patternDigest(0));
});

/** Keeps what is to be done in a minute until the test says that it is over. */
function holdMinutes(): Disposable & { readonly over: () => number } {
  const real = globalThis.setTimeout;
  const held: (() => void)[] = [];
  globalThis.setTimeout = Object.assign(
    (action: () => void, ms?: number) => {
      if (ms !== DEFAULT_GRACE) return real(action, ms);
      held.push(action);
      return real(() => {}, 0);
    },
    real,
  );
  return {
    over() {
      for (const action of held) action();
      return held.length;
    },
    [Symbol.dispose]() {
      globalThis.setTimeout = real;
    },
  };
}

Deno.test("the other direction still flows after one side has ended, and is cut after a minute", async () => {
  const ended = Promise.withResolvers<void>();
  const cut = Promise.withResolvers<void>();
  await using site = new TcpServer(async (conn) => {
    while (await conn.read(new Uint8Array(100)) !== null);
    ended.resolve();
    // It never stops talking.
    try {
      while (true) await conn.write(bytesOf("and another thing; "));
    } finally {
      cut.resolve();
    }
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site, way });
  using minute = holdMinutes();

  await browser.raw.closeWrite();
  await within(ended.promise, "the site to see the end");
  const first = textOf(await browser.raw.readExactly(1_000_000));
  const pipes = minute.over();
  await browser.raw.readAll().catch(() => "");

  assert.match(first, /^(and another thing; )+/);
  // Of the server and of the client.
  assert.equal(pipes, 2);
  await within(cut.promise, "the site to be cut");
});
