/** @module */
import assert from "node:assert/strict";
import {
  openWebSocket,
  startWebSocketSite,
} from "../../testing/websocket_peers.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("websocket_messages: prices change, advertisements do not arrive", async () => {
  await using site = await startWebSocketSite();
  await using tunnel = await startRecipe("websocket_messages", {
    options: { price: 99 },
    client: { resolve: () => Promise.resolve(["127.0.0.1"]) },
  });
  const url = `ws://shop.example:${site.port}/live`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();

  await far.send(`{"type":"advertisement"}`);
  await far.send(`{"type":"stock","item":"book","left":3}`);
  await far.send(`{"type":"price","item":"book","price":5}`);
  await browser.send(`{"type":"price","price":1}`);

  assert.equal(await browser.next(), `{"type":"stock","item":"book","left":3}`);
  assert.deepEqual(
    JSON.parse(await browser.next()),
    { type: "price", item: "book", price: 99 },
  );
  assert.equal(await far.next(), `{"type":"price","price":1}`);
});
