/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { startRotation } from "../../testing/rotation.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("dns_round_robin: four requests on one connection meet two machines in turn", async () => {
  await using rotation = startRotation();
  await using tunnel = await startRecipe("dns_round_robin", {
    options: { "shop.test": ["127.0.0.1", "127.0.0.2"] },
  });
  using browser = await BrowserConnection.open(tunnel.proxy, {
    site: rotation,
    hostname: "shop.test",
  });

  const seen: string[] = [];
  for (let round = 0; round < 4; round++) {
    seen.push(await (await browser.exchange("GET", "/")).text());
  }

  assert.deepEqual(seen, ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"]);
});

Deno.test("dns_round_robin: a machine that is down is skipped", async () => {
  await using rotation = startRotation();
  await using tunnel = await startRecipe("dns_round_robin", {
    // Nothing listens at the second.
    options: { "shop.test": ["127.0.0.1", "127.0.0.3"] },
  });
  const url = `http://shop.test:${rotation.port}/`;

  const pages = [await tunnel.get(url), await tunnel.get(url)];

  assert.deepEqual(pages.map(({ text }) => text), ["127.0.0.1", "127.0.0.1"]);
});
