/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

const NOON = "Wed, 01 Jul 2026 12:00:00 GMT";

Deno.test("geo_and_clock: each job is at its own place and time", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(200, {
      fields: [["Date", NOON]],
      body: ["accept-language", "x-country-code", "x-forwarded-for"]
        .map((name) => exchange.get(name) ?? "-").join("|"),
    })
  );
  await using tunnel = await startRecipe("geo_and_clock", {
    options: {
      default: { country: "DE", language: "de-DE" },
      jobs: {
        "tokyo-": { country: "JP", address: "203.0.113.7", hours: 9 },
      },
    },
  });
  using browser = await BrowserConnection.open(tunnel.proxy, { site });
  const seenBy = async (job?: string) => {
    const answer = await browser.exchange("GET", "/", {
      fields: job === undefined ? [] : [["X-Sallyport-Job", job]],
    });
    return [await answer.text(), answer.get("Date")];
  };

  assert.deepEqual(await seenBy(), ["de-DE|DE|127.0.0.1", NOON]);
  assert.deepEqual(await seenBy("tokyo-4"), [
    "-|JP|203.0.113.7",
    "Wed, 01 Jul 2026 21:00:00 GMT",
  ]);
  assert.deepEqual(await seenBy("berlin-1"), ["de-DE|DE|127.0.0.1", NOON]);
});
