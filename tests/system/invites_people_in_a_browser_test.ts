/**
 * Inviting people by a link, and disabling them, in a real browser.
 *
 * @module
 */
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { checkForEverybody, goTo, openPage, signIn } from "../testing/pages.ts";
import { startTestServer } from "../testing/running_system.ts";

Deno.test({
  ...needs("chromium"),
  name: "a link makes one person a user, whom an admin disables and enables",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await startChromium();
    const page = await openPage(chromium, server.url);
    await signIn(page);
    await goTo(page, "Users");
    await page.getByRole("link", { name: "Invitations" }).click();
    await page.getByText("Nobody is invited.").waitFor();
    await checkForEverybody(page, "invitations-none");
    await page.getByLabel("Team (if any)").fill("web");
    await page.getByRole("button", { name: "Make a link" }).click();
    const link = await page.locator(".secret code").textContent() ?? "";
    await checkForEverybody(page, "invitation-new");
    await page.getByRole("link", { name: "I have copied it" }).click();
    await page.getByText("1 can be used").waitFor();
    await checkForEverybody(page, "invitations");

    const guest = await openPage(chromium, link);
    await checkForEverybody(guest, "invitation");
    await guest.getByLabel("User name").fill("jo");
    await guest.getByRole("button", { name: "Get an access key" }).click();
    await guest.getByRole("heading", { name: "Welcome, jo" }).waitFor();
    await guest.goto(link);
    await guest.getByText("was used already").waitFor();
    await checkForEverybody(guest, "invitation-over");

    await page.getByRole("button", { name: "Make a link" }).click();
    await page.getByRole("link", { name: "I have copied it" }).click();
    await page.getByRole("link", { name: "Revoke" }).click();
    await page.getByRole("button", { name: "Revoke invitation" }).click();
    await page.getByText("0 can be used").waitFor();
    await goTo(page, "Users");
    await page.getByRole("link", { name: "jo", exact: true }).click();
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText("disabled by an admin").waitFor();
    await checkForEverybody(page, "user-disabled");
    await page.getByRole("button", { name: "Enable" }).click();

    await page.getByRole("button", { name: "Disable" }).waitFor();
  },
});
