/**
 * Signing in to the server's pages at an identity provider, in a real browser,
 * and being signed out there and here.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startChromium } from "../testing/chromium.ts";
import { person, TestIdentityProvider } from "../testing/identity_provider.ts";
import { needs } from "../testing/needs.ts";
import { checkForEverybody, goTo, openPage } from "../testing/pages.ts";
import { startTestServer } from "../testing/running_system.ts";

Deno.test({
  ...needs("chromium"),
  name:
    "people sign in at the provider, make a key, sign out of both, and sign in again",
  async fn() {
    await using provider = await TestIdentityProvider.start();
    await using server = await startTestServer({ oidc: provider.options() });
    await using chromium = await startChromium();
    const { host } = new URL(provider.issuer);
    const signIn = { name: `Sign in at ${host}` };
    const page = await openPage(chromium, `${server.url}keys`);
    await page.getByRole("link", signIn).waitFor();
    await checkForEverybody(page, "sign-in-provider");

    await page.getByRole("link", signIn).click();
    await page.getByText("did not let you in").waitFor();
    await checkForEverybody(page, "sign-in-provider-refused");
    provider.person = person("jo", "testers");
    await page.getByRole("link", signIn).click();
    await page.getByText("You have no key.").waitFor();
    assert.equal(new URL(page.url()).pathname, "/keys");
    await checkForEverybody(page, "keys-none");
    await page.getByLabel("Name").fill("ci");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("heading", { name: "New key “ci”" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${provider.issuer}/session/end?**`);
    await page.getByRole("button", { name: "Yes" }).click();
    await page.waitForURL(`${server.url}login`);
    await page.goto(`${server.url}keys`);
    await page.getByRole("link", signIn).waitFor();
    await page.getByRole("link", signIn).click();
    await page.getByRole("cell", { name: "ci", exact: true }).waitFor();

    await goTo(page, "Tunnels");
    await page.getByText("Signed in as jo").waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "without a sign-out address the page says that the provider may still know one",
  async fn() {
    await using provider = await TestIdentityProvider.start({
      hasSignOut: false,
    });
    provider.person = person("jo", "testers");
    await using server = await startTestServer({ oidc: provider.options() });
    await using chromium = await startChromium();
    const page = await openPage(chromium, `${server.url}login/oidc`);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("may still have you signed in").waitFor();
    await checkForEverybody(page, "signed-out");
    await page.getByRole("link", { name: "Back to the sign-in" }).click();

    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  },
});
