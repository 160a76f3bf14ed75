import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../../../src/http/basic_credentials.ts";
import { openAccounts } from "../../../../src/server/accounts/accounts.ts";
import { TunnelRegistry } from "../../../../src/server/tunnels/registry.ts";
import type { CertificatesView } from "../../../../src/server/web/certificates/certificate_page.ts";
import { createWebUi } from "../../../../src/server/web/web_ui.ts";
import { createTestAuthority } from "../../../testing/certs.ts";
import { advertiseWith } from "../../advertised.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const HOUR = 3_600_000;

/** The page as a user gets it, without tags and with single spaces. */
async function pageFor(
  role: "admin" | "member",
  view: CertificatesView,
): Promise<{ readonly status: number; readonly text: string }> {
  using accounts = openAccounts(":memory:", { cost: CHEAP });
  await accounts.addUser("boss", { role: "admin" });
  await accounts.addUser("ann", { role });
  await accounts.bootstrap([{ name: "ann", key: "key" }]);
  const app = createWebUi({
    accounts,
    registry: new TunnelRegistry({ now: () => Date.now() }),
    controller: { stop() {} },
    history: { of: () => [] },
    version: "1.2.3",
    advertise: advertiseWith(),
    certificates: () => view,
  });
  const response = await app.request("https://lab.test/certificates", {
    headers: {
      Authorization: formatBasicCredentials({
        username: "ann",
        password: "key",
      }),
    },
  });
  const text = (await response.text()).replaceAll(/<[^>]+>|\s+/g, " ")
    .replaceAll(/ +/g, " ");
  return { status: response.status, text };
}

async function view(): Promise<CertificatesView> {
  const authority = await createTestAuthority();
  const { cert } = await authority.issue(["lab.example"]);
  return {
    certificates: [{ title: "Server", source: "issued by ACME", pem: cert }],
    acme: {
      domains: ["lab.example"],
      directory: "https://acme.example/dir",
      next: Date.now() + 2.5 * HOUR,
      failures: 3,
      lastError: {
        at: Date.UTC(2026, 0, 2, 3, 4),
        reason: "no connection <b>to</b> lab.example:443",
      },
    },
  };
}

Deno.test("the page of certificates says names, source, end, next order and last error", async () => {
  const { status, text } = await pageFor("admin", await view());

  assert.equal(status, 200);
  assert.match(text, /Names DNS:lab\.example /);
  assert.match(text, /Issuer CN=/);
  assert.match(text, /Source issued by ACME /);
  assert.match(text, /Expires \d{4}-\d\d-\d\d \d\d:\d\d UTC , in \d/);
  assert.match(text, /Next order \S+ \S+ UTC , in 2 h 2\d min /);
  assert.match(text, /Failed orders 3 in a row /);
  assert.match(text, /Last error no connection &lt;b&gt;to&lt;\/b&gt; lab/);
  assert.match(text, /Failed at 2026-01-02 03:04 UTC /);
});

Deno.test("the page of certificates is for admins", async () => {
  const { status, text } = await pageFor("member", await view());

  assert.equal(status, 403);
  assert.doesNotMatch(text, /lab\.example/);
});

Deno.test("the page of certificates says that an order runs, and nothing of errors without one", async () => {
  const { certificates, acme } = await view();
  assert.ok(acme);

  const { text } = await pageFor("admin", {
    certificates,
    acme: { ...acme, next: undefined, failures: 0, lastError: undefined },
  });

  assert.match(text, /Next order now /);
  assert.match(text, /Failed orders None /);
  assert.doesNotMatch(text, /Last error/);
});
