import assert from "node:assert/strict";
import { browser } from "@wdio/globals";

describe("the shop", () => {
  it("opens", async () => {
    await browser.url(process.env.SHOP_URL);

    assert.ok(await browser.$("body").getText());
  });

  it("opens securely", async () => {
    await browser.url(process.env.SECURE_SHOP_URL);
  });
});
