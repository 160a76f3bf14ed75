/** The server's pages with as much on them as there can be, and names as long as they may be. */
import { advertiseWith } from "../advertised.ts";
import assert from "node:assert/strict";
import { serveApp } from "../../../src/api/serving/serve.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import {
  type Accounts,
  openAccounts,
} from "../../../src/server/accounts/accounts.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import type { TunnelSample } from "../../../src/server/tunnels/tunnel_history.ts";
import { createWebUi } from "../../../src/server/web/web_ui.ts";
import { requestOf } from "../../plugin/exchanges.ts";
import { needs } from "../../testing/needs.ts";
import { checkForEverybody, goTo, signedInPage } from "../../testing/pages.ts";
import { FakeSession } from "../fake_session.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const LONG = "w".repeat(64);
const LONGER = "n".repeat(255);

async function fullAccounts(): Promise<Accounts> {
  const accounts = openAccounts(":memory:", { cost: CHEAP });
  await accounts.bootstrap([{ name: LONG, key: "key" }]);
  await accounts.addUser("jane", { team: LONG, role: "team-admin" });
  await accounts.addKey(LONG, { name: LONG, scope: "read" });
  await accounts.addKey("jane", { name: LONG, scope: "use" });
  return accounts;
}

function fullRegistry(): TunnelRegistry {
  const registry = new TunnelRegistry();
  const add = (name: string, owner = LONG, pool = false) =>
    registry.create({
      owner,
      name,
      pool,
      shared: pool ? "all" : "",
      metadata: {
        hostname: `${LONG}.example`,
        platform: "linux x86_64",
        release: "0.1.0",
        extra: { build: "42", [LONG]: LONGER },
      },
      rules: {
        deny_domains: ["^ads\\.", LONGER],
        tls_resign_domains: ["\\.staging\\.example$", "-^login\\."],
      },
    }).tunnel;
  fill(add(LONGER));
  add("waiting");
  for (const name of ["smoke", "smoke"]) {
    const session = new FakeSession();
    session.openExchanges = 17;
    add(name, "jane", true).attach(session);
  }
  const stopping = add("stopping");
  const busy = new FakeSession();
  busy.openExchanges = 3;
  stopping.attach(busy);
  stopping.beginStop({ reason: "webui", byUser: true });
  const ended = add("ended");
  ended.beginStop({ reason: LONG, byUser: true });
  ended.markTerminated();
  return registry;
}

function fill(tunnel: Tunnel): void {
  for (let count = 0; count < 3; count += 1) tunnel.attach(new FakeSession());
  for (const id of ["nightly-7", LONGER]) tunnel.jobs.begin(id);
  for (const host of ["shop.example", `${LONG}.${LONG}.example`]) {
    const request = requestOf(`http://${host}/${LONGER}`);
    tunnel.requests?.begin(request, { user: LONG, job: LONGER, session: "" });
    tunnel.failures.note(request, new ProxyError("noSession", host));
  }
}

/** Five minutes of a working tunnel. */
function samplesOf(): readonly TunnelSample[] {
  const now = Date.now();
  return Array.from({ length: 150 }, (_, at) => ({
    at: now - 2000 * (149 - at),
    sentRate: 40_000 + 30_000 * Math.sin(at / 9),
    receivedRate: 2_400_000 + 2_000_000 * Math.sin(at / 14),
    streams: Math.round(20 + 12 * Math.sin(at / 20)),
    roundTripTime: at < 20 ? undefined : 38 + 5 * Math.sin(at / 3),
  }));
}

Deno.test({
  ...needs("chromium"),
  name: "full pages with long names stay accessible",
  async fn() {
    using accounts = await fullAccounts();
    const app = createWebUi({
      accounts,
      registry: fullRegistry(),
      controller: { stop() {} },
      history: { of: samplesOf },
      version: "1.2.3",
      advertise: advertiseWith(),
    });
    await using served = serveApp(app, { hostname: "127.0.0.1", port: 0 });
    await using chromium = await signedInPage(served.url, {}, {
      name: LONG,
      key: "key",
    });
    const { page } = chromium;

    await page.getByRole("link", { name: "REST API" }).waitFor();
    assert.equal(await page.getByRole("row").count(), 7);
    await checkForEverybody(page, "full-tunnels");
    await page.getByRole("link", { name: LONGER }).click();
    await page.getByRole("figure").nth(2).waitFor();
    await checkForEverybody(page, "full-tunnel");
    for (const tab of ["Requests", "Errors", "Sessions", "Settings"]) {
      await page.getByRole("link", { name: tab }).click();
      await page.getByRole("link", { name: tab, exact: true }).and(
        page.locator("[aria-current]"),
      ).waitFor();
      await checkForEverybody(page, `full-tunnel-${tab.toLowerCase()}`);
    }
    await page.getByRole("link", { name: "Stop …" }).click();
    await checkForEverybody(page, "full-stop");
    await goTo(page, "Keys");
    await checkForEverybody(page, "full-keys");
    await page.getByRole("link", { name: `Revoke ${LONG} …` }).click();
    await checkForEverybody(page, "full-revoke");
    await goTo(page, "Users");
    await checkForEverybody(page, "full-users");
    await page.getByRole("link", { name: "jane" }).click();
    await checkForEverybody(page, "full-user");
    await goTo(page, "Audit");
    await checkForEverybody(page, "full-audit");
  },
});
