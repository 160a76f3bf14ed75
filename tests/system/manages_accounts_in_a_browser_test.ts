/**
 * Keys, users and the audit log at the pages of a running server, in a browser.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import {
  checkForEverybody,
  goTo,
  openPage,
  signedInPage,
  signIn,
} from "../testing/pages.ts";
import { USER } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Adds a user at the page; gives their key. */
async function addUser(
  page: Page,
  { name, team = "", role = "member" }: {
    readonly name: string;
    readonly team?: string;
    readonly role?: string;
  },
): Promise<string> {
  await goTo(page, "Users");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Team").fill(team);
  await page.getByLabel("Role").selectOption(role);
  await page.getByRole("button", { name: "Add user" }).click();
  const [key = ""] = UUID.exec(await page.locator("pre").innerText()) ?? [];
  await page.getByRole("link", { name: "I have copied it" }).click();
  return key;
}

Deno.test({
  ...needs("chromium"),
  name:
    "the pages about accounts are usable by everybody: keys, users, audit log",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;

    await goTo(page, "Keys");
    await page.getByText("You have only one key").waitFor();
    await checkForEverybody(page, "keys");
    await page.getByLabel("Name").fill("ci");
    await page.getByLabel("Scope").selectOption("start");
    await page.getByLabel("Expires").selectOption("30");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("heading", { name: "New key “ci”" }).waitFor();
    await checkForEverybody(page, "new-key");
    await page.getByRole("link", { name: "I have copied it" }).click();
    await checkForEverybody(page, "keys-two");
    await page.getByRole("link", { name: "Revoke ci …" }).click();
    await checkForEverybody(page, "revoke-key");
    await page.getByRole("link", { name: "Cancel" }).click();

    await goTo(page, "Users");
    await page.getByText("You are the only user").waitFor();
    await checkForEverybody(page, "users-alone");
    await page.getByRole("link", { name: USER.name }).click();
    await page.getByText("This is you").waitFor();
    await checkForEverybody(page, "user-oneself");
    await addUser(page, { name: "jane@example.com", team: "web" });
    await checkForEverybody(page, "users");
    await page.getByRole("link", { name: "jane@example.com" }).click();
    await checkForEverybody(page, "user");
    await page.getByRole("link", { name: "Remove …" }).click();
    await checkForEverybody(page, "remove-user");
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("heading", { name: "jane@example.com" }).waitFor();

    await goTo(page, "Audit");
    await page.getByRole("cell", { name: "added the user" }).first().waitFor();
    await checkForEverybody(page, "audit");
    await page.getByLabel("User").fill("nobody");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("No entry about “nobody”").waitFor();
    await checkForEverybody(page, "audit-nothing");
    await page.getByRole("link", { name: "Show all" }).click();
    await page.getByRole("cell", { name: "added the user" }).first().waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a key is made and revoked by keyboard alone",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await startChromium();
    const page = await openPage(chromium, server.url);
    const press = (key: string) => page.keyboard.press(key);
    await signIn(page);
    await goTo(page, "Keys");

    await page.getByLabel("Name").focus();
    await page.keyboard.type("laptop");
    await press("Tab");
    await page.keyboard.type("read");
    await press("Tab");
    await press("Tab");
    await press("Enter");
    await page.getByRole("heading", { name: "New key “laptop”" }).waitFor();
    const key = UUID.exec(await page.locator("pre").innerText())?.[0] ?? "";
    await page.getByRole("link", { name: "I have copied it" }).focus();
    await press("Enter");
    await page.getByRole("cell", { name: "read", exact: true }).waitFor();
    const other = await openPage(chromium, server.url);
    await signIn(other, { name: USER.name, key });
    await page.getByRole("link", { name: "Revoke laptop …" }).focus();
    await press("Enter");
    await page.getByRole("heading", { name: "Revoke key “laptop”?" }).waitFor();
    await page.getByRole("link", { name: "Access keys" }).focus();
    await press("Tab");
    const focused = page.locator(":focus");
    assert.equal(await focused.innerText(), "Revoke key");
    await press("Enter");

    await page.getByText("You have only one key").waitFor();
    await goTo(other, "Keys");
    await other.getByRole("heading", { name: "Sign in" }).waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "an admin changes role and team of a user, and removes them",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;
    const key = await addUser(page, { name: "jane" });
    const janes = await openPage(chromium, server.url);
    await signIn(janes, { name: "jane", key });
    assert.equal(await janes.getByRole("link", { name: "Users" }).count(), 0);

    await page.getByRole("link", { name: "jane" }).click();
    await page.getByLabel("Team").fill("web");
    await page.getByLabel("Role").selectOption("admin");
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByText("admin, added").waitFor();
    assert.equal(await page.getByLabel("Team").inputValue(), "web");
    await goTo(janes, "Tunnels");
    await goTo(janes, "Users");
    await janes.getByRole("row", { name: /jane\s+admin\s+web/ }).waitFor();
    await page.getByRole("link", { name: "audit log" }).click();
    await page.getByRole("cell", { name: "changed the user" }).waitFor();
    await page.getByRole("cell", { name: /^jane key default/ }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "Remove …" }).click();
    await page.getByRole("button", { name: "Remove user" }).click();

    await page.getByText("You are the only user").waitFor();
    await goTo(janes, "Keys");
    await janes.getByRole("heading", { name: "Sign in" }).waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "an admin gives a service account further keys, and revokes them",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;
    await addUser(page, { name: "robot", role: "service" });

    await page.getByRole("link", { name: "robot" }).click();
    await page.getByLabel("Name").fill("night");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("Copy the key of robot").waitFor();
    await page.getByRole("link", { name: "I have copied it" }).click();
    for (const name of ["night", "default"]) {
      await page.getByRole("link", { name: `Revoke ${name} …` }).click();
      await page.getByRole("link", { name: "robot" }).waitFor();
      await page.getByRole("button", { name: "Revoke key" }).click();
    }

    await page.getByText("robot has no key and cannot log in").waitFor();
    await checkForEverybody(page, "user-no-keys");
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the audit log is leafed through, back to its beginning",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;
    await addUser(page, { name: "jane" });
    const token = await page.locator("[name=token]").first().inputValue();
    for (let count = 0; count < 101; count += 1) {
      const form = { token, role: "member" };
      await page.request.post(`${server.url}users/jane`, { form });
    }

    await goTo(page, "Audit");
    await page.getByRole("link", { name: "Older" }).waitFor();
    assert.equal(await page.getByRole("row").count(), 101);
    await page.getByRole("link", { name: "Older" }).click();
    await page.getByRole("cell", { name: "signed in" }).waitFor();

    assert.equal(await page.getByRole("link", { name: "Older" }).count(), 0);
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a user who is not an admin sees that, with a link back",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await startChromium();
    const admin = await openPage(chromium, server.url);
    await signIn(admin);
    const key = await addUser(admin, { name: "jane" });
    const page = await openPage(chromium, server.url);
    await signIn(page, { name: "jane", key });

    for (const path of ["/users", "/audit"]) {
      await page.goto(String(new URL(path, server.url)));
      await page.getByRole("heading", { name: "That did not work" }).waitFor();
      await page.getByText("only admins of the organization may do this")
        .waitFor();
      await page.getByRole("link", { name: "Back to the tunnels" }).click();
      await page.getByText("You have no tunnel yet").waitFor();
    }
    await page.goto(`${server.url}nothing-here`);
    await page.getByText("there is no such page").waitFor();
    await page.getByText("Signed in as jane").waitFor();
    await checkForEverybody(page, "no-such-page");
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "a user who looks after a team sees and stops its tunnels, and no others",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await startChromium();
    const admin = await openPage(chromium, server.url);
    await signIn(admin);
    const keys = new Map<string, string>();
    for (
      const [name, team, role] of [
        ["lea", "web", "team-admin"],
        ["bob", "web", "member"],
        ["eve", "app", "member"],
      ] as const
    ) keys.set(name, await addUser(admin, { name, team, role }));
    const start = (username: string) =>
      startTestClient(server, {
        username,
        accessKey: keys.get(username) ?? "",
        tunnelName: `of-${username}`,
      });
    await using bobs = await start("bob");
    await using _eves = await start("eve");
    const page = await openPage(chromium, server.url);
    await signIn(page, { name: "lea", key: keys.get("lea") ?? "" });

    await page.getByRole("link", { name: "of-bob" }).click();
    assert.equal(await page.getByText("of-eve").count(), 0);
    const ended = assert.rejects(bobs.done, /webui/);
    await page.getByRole("link", { name: "Stop …" }).click();
    await page.getByRole("button", { name: "Stop tunnel" }).click();
    await page.getByRole("cell", { name: "Stopped (webui)" }).waitFor();
    await ended;

    assert.equal(await page.getByRole("link", { name: "of-eve" }).count(), 0);
    await goTo(admin, "Tunnels");
    await admin.getByRole("link", { name: "of-eve" }).waitFor();
  },
});
