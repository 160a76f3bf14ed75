/** Promise: server-sent events, and everything else that trickles, arrive when they are sent. @module */
import assert from "node:assert/strict";
import { bytesOf, textOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import type { OriginExchange } from "../testing/origin_exchange.ts";
import { BrowserConnection, WAYS } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";
import { startSite } from "../testing/origin.ts";

const COUNT = 20;

/** Turns that two sides take: no side sends before the last message has arrived. */
class Turns {
  readonly #heard = Array.from(
    { length: COUNT },
    () => Promise.withResolvers<void>(),
  );

  hear(at: number): void {
    this.#heard[at]?.resolve();
  }

  async heard(at: number): Promise<void> {
    await within(
      this.#heard[at]?.promise ?? Promise.resolve(),
      `message ${at} to be heard`,
    );
  }
}

for (const way of WAYS) {
  Deno.test(`${way}: each event arrives before another one is sent`, async () => {
    const turns = new Turns();
    await using site = startSite(async (exchange) => {
      await startEvents(exchange);
      for (let at = 0; at < COUNT; at++) {
        await exchange.writeChunk(bytesOf(`data: event ${at}\n\n`));
        await turns.heard(at);
      }
      await exchange.write("0\r\n\r\n");
    });
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site, way });

    const answer = await browser.exchange("GET", "/", {
      fields: [["Accept", "text/event-stream"]],
    });
    const buffer = new Uint8Array(1000);
    for (let at = 0; at < COUNT; at++) {
      const count = await answer.content.read(buffer) ?? 0;
      assert.equal(
        textOf(buffer.subarray(0, count)),
        `data: event ${at}\n\n`,
      );
      turns.hear(at);
    }

    assert.equal(await answer.content.read(buffer), null);
    assert.equal(answer.get("content-type"), "text/event-stream");
  });

  Deno.test(`${way}: the head arrives before there is any content`, async () => {
    const heard = Promise.withResolvers<void>();
    await using site = startSite(async (exchange) => {
      await startEvents(exchange);
      await within(heard.promise, "the browser to get the head");
      await exchange.write("0\r\n\r\n");
    });
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site, way });

    const answer = await browser.exchange("GET", "/");
    heard.resolve();

    assert.equal(await answer.text(), "");
  });

  Deno.test(`${way}: each piece of an upload arrives before another one is sent`, async () => {
    const turns = new Turns();
    await using site = startSite(async (exchange) => {
      let at = 0;
      for await (const piece of exchange.content()) {
        assert.equal(textOf(piece), `piece ${at}`);
        turns.hear(at++);
      }
      await exchange.answer(200, { body: `${at} pieces` });
    });
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site, way });

    await browser.raw.send(
      browser.head("POST", "/", [["Transfer-Encoding", "chunked"]]),
    );
    for (let at = 0; at < COUNT; at++) {
      await browser.sendChunk(bytesOf(`piece ${at}`));
      await turns.heard(at);
    }
    await browser.raw.send("0\r\n\r\n");
    const answer = await browser.answer();

    assert.equal(await answer.text(), `${COUNT} pieces`);
  });
}

async function startEvents(exchange: OriginExchange): Promise<void> {
  await exchange.writeHead(200, [
    ["Content-Type", "text/event-stream"],
    ["Transfer-Encoding", "chunked"],
  ]);
}
