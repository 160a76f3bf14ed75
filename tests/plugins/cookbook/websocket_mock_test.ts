/** @module */
import assert from "node:assert/strict";
import { openWebSocket } from "../../testing/websocket_peers.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("websocket_mock: a WebSocket answers without a site", async () => {
  await using tunnel = await startRecipe("websocket_mock");
  const url = "prices.example/feed";
  using browser = await openWebSocket(`ws://${url}`, tunnel.proxy);

  await browser.send(`{"id":1,"subscribe":"book"}`);
  await browser.send(`{"id":2,"subscribe":"constructor"}`);
  const answers = [
    await browser.next(),
    await browser.next(),
    await browser.next(),
  ].map((text) => JSON.parse(text));
  browser.socket.close(1000, "");
  const page = await tunnel.get(`http://${url}`);

  assert.deepEqual(answers, [
    { id: 1, subscribed: "book" },
    { id: 1, item: "book", price: 12.5 },
    { id: 2, error: "unknown" },
  ]);
  assert.equal((await browser.ended).code, 1000);
  assert.equal(page.status, 426);
});
