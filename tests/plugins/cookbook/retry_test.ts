/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("retry: a GET is sent again until the site is well, a POST is not", async () => {
  const seen: string[] = [];
  await using site = startSite(async (exchange) => {
    seen.push(`${exchange.method} ${exchange.target}`);
    const isWell = seen.length % 3 === 0;
    await exchange.answer(isWell ? 200 : 503, {
      body: `answer ${seen.length}`,
    });
  });
  await using tunnel = await startRecipe("retry", {
    permissions: "net=origin.test",
  });
  using browser = await BrowserConnection.open(tunnel.proxy, { site });

  const got = await browser.exchange("GET", "/a?b=c");
  const gotText = await got.text();
  const posted = await browser.exchange("POST", "/a", {
    content: bytesOf("x"),
  });

  assert.equal(gotText, "answer 3");
  assert.equal(got.status, 200);
  assert.equal(posted.status, 503);
  await posted.text();
  assert.deepEqual(seen, [
    "GET /a?b=c",
    "GET /a?b=c",
    "GET /a?b=c",
    "POST /a",
  ]);
});
