/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

const EVENTS = [
  'event: price\ndata: {"price":\ndata: 9}\nid: 1\n\n',
  "data: hello\n\n",
  "event: price\r\ndata: 10\r\n\r\n",
  "event: last\ndata: bye\n\n",
].join("");

Deno.test("sse_edit: events of one type have the new data, however they are cut", async () => {
  await using site = startSite(async (exchange) => {
    const size = Number(exchange.query.get("size"));
    await exchange.writeHead(200, [
      ["Content-Type", "text/event-stream"],
      ["Transfer-Encoding", "chunked"],
    ]);
    for (let at = 0; at < EVENTS.length; at += size) {
      const part = EVENTS.slice(at, at + size);
      await exchange.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    }
    await exchange.write("0\r\n\r\n");
  });
  await using tunnel = await startRecipe("sse_edit", {
    options: { event: "price", value: '{"price":1}' },
  });

  for (const size of [1, 7, 30, 1000]) {
    const { text } = await tunnel.get(
      `http://shop.test:${site.port}/?size=${size}`,
    );
    assert.equal(
      text,
      'event: price\nid: 1\ndata: {"price":1}\n\n' +
        "data: hello\n\n" +
        'event: price\ndata: {"price":1}\n\n' +
        "event: last\ndata: bye\n\n",
      `pieces of ${size}`,
    );
  }
});

Deno.test("sse_edit: an event passes before the stream goes on", async () => {
  const seen = Promise.withResolvers<void>();
  await using site = startSite(async (exchange) => {
    await exchange.writeHead(200, [["Content-Type", "text/event-stream"]]);
    await exchange.write("event: price\ndata: 9\n\n");
    await seen.promise;
    await exchange.write("data: end\n\n");
    exchange.conn.close();
  });
  await using tunnel = await startRecipe("sse_edit", {
    options: { event: "price", value: "1" },
  });
  using browser = await BrowserConnection.open(tunnel.proxy, { site });

  const answer = await browser.exchange("GET", "/");
  const first = [await answer.line(), await answer.line()];
  seen.resolve();

  assert.deepEqual(first, ["event: price\n", "data: 1\n"]);
});
