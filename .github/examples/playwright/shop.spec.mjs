import { expect, test as base } from "@playwright/test";
import { withTunnel } from "sallyport/playwright";

// Every test is a job of its own in the tunnel, and says why a page failed.
const test = withTunnel(base);

test("the shop opens", async ({ page }) => {
  const response = await page.goto(process.env.SHOP_URL);

  expect(response.status()).toBe(200);
});

test("the secure shop opens", async ({ page }) => {
  await page.goto(process.env.SECURE_SHOP_URL);
});
