/**
 * Promise: a transfer that broke looks broken to the browser, and one that the
 * browser breaks ends at the origin.
 */
import assert from "node:assert/strict";
import { textOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { type Origin, startOrigin, startSite } from "../testing/origin.ts";
import type { OriginExchange } from "../testing/origin_exchange.ts";
import {
  digestReader,
  patternBytes,
  patternChunks,
  patternDigest,
} from "../testing/pattern.ts";
import { BrowserConnection, WAYS } from "../testing/browser.ts";
import { Relay } from "../testing/relay.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { startResettingServer } from "../testing/tcp_server.ts";

const ENDLESS = 1_000_000_000;

for (const way of WAYS) {
  for (const route of ["die-mid-body", "die-mid-chunk"] as const) {
    Deno.test(`${way}: an origin that ends early (/${route}) does not make a complete response`, async () => {
      await using origin = await startOrigin();
      await using system = await runningSystem();
      using browser = await BrowserConnection.open(system.proxy, {
        site: origin,
        way,
      });

      const answer = await browser.exchange("GET", `/${route}`);

      assert.equal(answer.status, 200);
      await assert.rejects(answer.text(), /cut short|closed the connection/);
    });
  }
}

/** Answers that break off after "short" when the origin resets the connection. */
const RESETS = {
  "within a length": "Content-Length: 1000\r\n\r\nshort",
  "between chunks": "Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
  "within a chunk": "Transfer-Encoding: chunked\r\n\r\n64\r\nshort",
  "before the connection ends it": "Server: old\r\n\r\nshort",
} as const;

for (const [where, reply] of Object.entries(RESETS)) {
  Deno.test(`plain: an origin that resets ${where} does not make a complete response`, async () => {
    await using site = startSite((exchange) =>
      exchange.write(`HTTP/1.1 200 OK\r\n${reply}`)
    );
    await using relay = await Relay.start(site.port);
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site: relay });

    const answer = await browser.exchange("GET", "/");
    const buffer = new Uint8Array(100);
    const count = await answer.content.read(buffer) ?? 0;
    relay.cut();

    assert.equal(textOf(buffer.subarray(0, count)), "short");
    await assert.rejects(answer.text(), /cut short|closed the connection/);
  });
}

Deno.test("plain: an origin that resets within the head is a 502", async () => {
  await using site = await startResettingServer(
    "HTTP/1.1 200 OK\r\nContent-Le",
  );
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  const answer = await browser.exchange("GET", "/");

  assert.equal(answer.status, 502);
});

Deno.test("plain: an origin that ends before its response is a 502 that says so", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  const answer = await browser.exchange("POST", "/die-before-head");
  const text = await answer.text();

  assert.equal(answer.status, 502);
  assert.ok(text.includes(`origin.test:${origin.port}`), text);
});

Deno.test("connect: a connection that the origin resets ends for the browser", async () => {
  await using site = await startResettingServer("half of someth");
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, {
    site,
    way: "connect",
  });

  await browser.raw.send("hello");
  const text = await browser.raw.readAll().catch(() => "");

  assert.ok("half of someth".startsWith(text));
});

for (const way of WAYS) {
  Deno.test(`${way}: a browser that leaves in the middle of a download ends it at the origin`, async () => {
    const ended = Promise.withResolvers<void>();
    await using site = startSite(async (exchange) => {
      await exchange.writeHead(200, [["Content-Length", `${ENDLESS}`]]);
      try {
        for (const piece of patternChunks(ENDLESS)) await exchange.write(piece);
      } finally {
        ended.resolve();
      }
    });
    await using origin = await startOrigin();
    await using system = await oneSession();

    using browser = await BrowserConnection.open(system.proxy, { site, way });
    await browser.exchange("GET", "/");
    await browser.raw.readExactly(1_000_000);
    browser.raw.close();

    await within(ended.promise, "the origin to see the end");
    await stillServes(system, origin);
  });

  Deno.test(`${way}: a browser whose connection breaks before the response ends the request at the origin`, async () => {
    const asked = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    await using site = startSite(async (exchange) => {
      asked.resolve();
      await exchange.scanner.readThrough("\r\n\r\n").finally(ended.resolve);
    });
    await using origin = await startOrigin();
    await using system = await oneSession();
    await using relay = await Relay.start(system.proxyAddress.port);
    const proxy = { ...system.proxy, port: relay.port };

    using browser = await BrowserConnection.open(proxy, { site, way });
    await browser.ask("GET", "/");
    await within(asked.promise, "the request to arrive");
    relay.cut();

    await within(ended.promise, "the origin to see the end");
    await stillServes(system, origin);
  });

  for (const framing of ["Content-Length", "Transfer-Encoding"] as const) {
    Deno.test(`${way}: a browser that leaves in the middle of an upload (${framing}) sent no complete request`, async () => {
      const { promise: seen, resolve } = Promise.withResolvers<string>();
      await using site = startSite(async (exchange) => {
        resolve(await outcomeOf(exchange));
      });
      await using origin = await startOrigin();
      await using system = await oneSession();

      using browser = await BrowserConnection.open(system.proxy, { site, way });
      const isChunked = framing === "Transfer-Encoding";
      const value = isChunked ? "chunked" : "9000000";
      await browser.raw.send(browser.head("PUT", "/", [[framing, value]]));
      if (isChunked) await browser.sendChunk(patternBytes(1_000_000));
      else await browser.raw.send(patternBytes(1_000_000));
      browser.raw.close();

      assert.equal(await within(seen, "the origin to see the end"), "broken");
      await stillServes(system, origin);
    });
  }
}

/** How the content of a request ended. */
async function outcomeOf(
  exchange: OriginExchange,
): Promise<"complete" | "broken"> {
  try {
    for await (const _ of exchange.content());
    return "complete";
  } catch {
    return "broken";
  }
}

/** With only one session a broken one would be seen by everybody. */
async function oneSession(): Promise<RunningSystem> {
  return await runningSystem({ client: { tunnelConnections: 1 } });
}

async function stillServes(
  system: RunningSystem,
  origin: Origin,
): Promise<void> {
  using browser = await BrowserConnection.open(system.proxy, { site: origin });
  const answer = await browser.exchange("GET", "/bytes/100000");
  assert.deepEqual(await digestReader(answer.content), patternDigest(100_000));
}
