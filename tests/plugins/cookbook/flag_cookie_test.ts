/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("flag_cookie: the site sees the flags beside the browser's own cookies", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(200, { body: exchange.get("cookie") ?? "none" })
  );
  await using tunnel = await startRecipe("flag_cookie", {
    options: { newCheckout: "on", theme: "a b" },
  });
  using browser = await BrowserConnection.open(tunnel.proxy, { site });

  const bare = await browser.exchange("GET", "/");
  const bareText = await bare.text();
  const own = await browser.exchange("GET", "/", {
    fields: [["Cookie", "session=1; cart=2"]],
  });

  assert.equal(bareText, "newCheckout=on; theme=a%20b");
  assert.equal(
    await own.text(),
    "session=1; cart=2; newCheckout=on; theme=a%20b",
  );
});
