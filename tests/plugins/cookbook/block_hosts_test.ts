/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("block_hosts: names and the names below a domain are refused, plain and by CONNECT", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(200, { body: "reached" })
  );
  await using tunnel = await startRecipe("block_hosts", {
    options: ["ads.test", "*.tracker.test"],
  });
  const get = (host: string) => tunnel.get(`http://${host}:${site.port}/`);

  const blocked = await get("ads.test");
  const below = await get("a.tracker.test");
  const open = await get("shop.test");
  const lookalike = await get("nottracker.test");

  assert.equal(blocked.status, 403);
  assert.match(blocked.text, /this host is blocked in tests/);
  assert.equal(below.status, 403);
  assert.equal(open.text, "reached");
  assert.equal(lookalike.text, "reached");
  await assert.rejects(
    BrowserConnection.open(tunnel.proxy, {
      site,
      hostname: "ads.test",
      way: "connect",
    }),
    /403/,
  );
});
