/** @module */
import assert from "node:assert/strict";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("proxy_per_host: a host, the hosts below a domain, and all others go different ways", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(200, { body: `site ${exchange.get("host")}` })
  );
  await using proxy = startSite((exchange) =>
    exchange.answer(200, { body: `proxy ${exchange.target}` })
  );
  const through = `http://jane:secret@127.0.0.1:${proxy.port}`;
  await using tunnel = await startRecipe("proxy_per_host", {
    options: { "*.partner.test": through, "own.partner.test": "direct" },
  });
  const textOf = async (host: string) =>
    (await tunnel.get(`http://${host}:${site.port}/a`)).text;

  assert.equal(
    await textOf("shop.partner.test"),
    `proxy http://shop.partner.test:${site.port}/a`,
  );
  assert.equal(
    await textOf("own.partner.test"),
    `site own.partner.test:${site.port}`,
  );
  assert.equal(await textOf("other.test"), `site other.test:${site.port}`);
});
