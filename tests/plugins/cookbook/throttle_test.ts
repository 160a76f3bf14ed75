/** @module */
import assert from "node:assert/strict";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

const CONTENT = "0123456789".repeat(400);

Deno.test("throttle: content is whole, and takes as long as its rate says at least", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(200, { body: CONTENT })
  );
  await using tunnel = await startRecipe("throttle", {
    options: { bytesPerSecond: 8_000 },
  });
  const startedAt = performance.now();

  const { text } = await tunnel.get(`http://shop.test:${site.port}/`);

  assert.equal(text, CONTENT);
  // Half a second by the rate. A timer may be a little early.
  assert.ok(performance.now() - startedAt > 400);
});
