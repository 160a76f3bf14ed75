/**
 * Promise: connections are used again, of browsers and to sites, also after
 * requests that came to nothing.
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import {
  digestReader,
  patternBytes,
  patternChunks,
} from "../testing/pattern.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { Relay } from "../testing/relay.ts";
import { runningSystem } from "../testing/running_system.ts";

Deno.test("requests one after the other share one connection to the origin", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();

  for (let at = 0; at < 10; at++) {
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
    });
    for (const path of ["/bytes/5000", "/chunked/70000", "/status/204"]) {
      const answer = await browser.exchange("GET", path);
      await digestReader(answer.content);
    }
  }

  assert.equal(origin.heads.length, 30);
  assert.equal(origin.connections, 1);
});

/** What nobody reads is taken in this time, in milliseconds. */
const DRAINED_WITHIN = 10_000;
const MEGABYTE = 1_000_000;

/** With their length, and in chunks. */
const CONTENTS = {
  "Content-Length": () => patternBytes(MEGABYTE),
  "chunked": () => patternChunks(MEGABYTE),
} as const;

for (const [framing, content] of Object.entries(CONTENTS)) {
  Deno.test(`a browser's connection outlives two refused requests with 1 MB of ${framing} content`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem({
      client: { dial: { attempts: 1 } },
    });
    await using gate = await Relay.start(system.proxyAddress.port);
    const proxy = { ...system.proxy, port: gate.port };
    using closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const gone = { port: closed.addr.port };
    closed.close();
    using browser = await BrowserConnection.open(proxy, {
      site: gone,
    });

    for (let at = 0; at < 2; at++) {
      const answer = await within(
        browser.exchange("POST", "/", { content: content() }),
        "the content to be taken",
        DRAINED_WITHIN,
      );
      assert.equal(answer.status, 502);
      assert.match(await answer.text(), /nothing listens there/);
    }
    await browser.raw.send(
      `GET http://origin.test:${origin.port}/bytes/5 HTTP/1.1\r\n` +
        `Host: origin.test\r\n` +
        `Proxy-Authorization: ${system.authorization}\r\n\r\n`,
    );
    const last = await browser.answer();

    assert.equal(last.status, 200);
    assert.equal((await last.text()).length, 5);
  });
}

Deno.test("a 502 of the site itself, before it has read 1 MB, costs neither the browser's connection nor the response", async () => {
  await using site = startSite(async (exchange) => {
    await exchange.answer(502, { body: "not today" });
    for await (const _ of exchange.content());
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  for (let at = 0; at < 2; at++) {
    const content = patternBytes(MEGABYTE);
    const answer = await browser.exchange("POST", "/", { content });
    assert.equal(answer.status, 502);
    assert.equal(await answer.text(), "not today");
    assert.equal(answer.get("X-Sallyport-Error"), undefined);
  }
});

Deno.test("an upload of 20 MB that is refused still gets its response", async () => {
  await using system = await runningSystem({
    client: { dial: { attempts: 1 } },
  });
  using closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const site = { port: closed.addr.port };
  closed.close();
  using browser = await BrowserConnection.open(system.proxy, { site });

  const answer = await browser.exchange("POST", "/", {
    content: patternBytes(20 * MEGABYTE),
  });

  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /nothing listens there/);
});
