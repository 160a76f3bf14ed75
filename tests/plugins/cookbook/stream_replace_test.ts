/** @module */
import assert from "node:assert/strict";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

const FEED = "www.a www.ab www.awww.a wwww.a ww";

Deno.test("stream_replace: a text is found wherever it is cut", async () => {
  await using site = startSite(async (exchange) => {
    const size = Number(exchange.query.get("size"));
    await exchange.writeHead(200, [
      ["Content-Type", "text/plain"],
      ["Transfer-Encoding", "chunked"],
    ]);
    for (let at = 0; at < FEED.length; at += size) {
      const part = FEED.slice(at, at + size);
      await exchange.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    }
    await exchange.write("0\r\n\r\n");
  });
  await using tunnel = await startRecipe("stream_replace", {
    options: { find: "www.a", replace: "[$&]" },
  });

  for (const size of [1, 2, 3, 5, 11, 100]) {
    const { text } = await tunnel.get(
      `http://shop.test:${site.port}/?size=${size}`,
    );
    assert.equal(
      text,
      "[$&] [$&]b [$&][$&] w[$&] ww",
      `pieces of ${size}`,
    );
  }
});
