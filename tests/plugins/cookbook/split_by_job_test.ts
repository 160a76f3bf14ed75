/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("split_by_job: jobs with one beginning reach the new server, under the same name", async () => {
  await using old = startSite((exchange) =>
    exchange.answer(200, { body: `old ${exchange.get("host")}` })
  );
  await using canary = startSite((exchange) =>
    exchange.answer(200, { body: `canary ${exchange.get("host")}` })
  );
  await using tunnel = await startRecipe("split_by_job", {
    options: {
      host: "shop.test",
      jobs: { "canary-": { hostname: "127.0.0.1", port: canary.port } },
    },
  });
  using browser = await BrowserConnection.open(tunnel.proxy, {
    site: old,
    hostname: "shop.test",
  });
  const textFor = async (job?: string) => {
    const answer = await browser.exchange("GET", "/", {
      fields: job === undefined ? [] : [["X-Sallyport-Job", job]],
    });
    return await answer.text();
  };

  const seen = [
    await textFor("canary-1"),
    await textFor("stable-1"),
    await textFor("canary-2"),
    await textFor(),
  ];

  const name = `shop.test:${old.port}`;
  assert.deepEqual(seen, [
    `canary ${name}`,
    `old ${name}`,
    `canary ${name}`,
    `old ${name}`,
  ]);
});
