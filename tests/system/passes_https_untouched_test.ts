/** Promise: HTTPS passes encrypted; the browser sees the origin's own certificate. @module */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { openTls } from "../testing/browser.ts";
import { createHash, X509Certificate } from "node:crypto";
import { createTestAuthority } from "../testing/certs.ts";
import { startChromium } from "../testing/chromium.ts";
import type { OriginExchange } from "../testing/origin_exchange.ts";
import { run } from "../testing/process.ts";
import { runningSystem } from "../testing/running_system.ts";
import { startSite } from "../testing/origin.ts";
import type { TcpServer } from "../testing/tcp_server.ts";

const HOST = "secure.test";

/** A site with a certificate that nobody else can have signed. */
interface SecureSite extends AsyncDisposable {
  readonly server: TcpServer;
  /** `https://secure.test:port/` */
  readonly url: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  /** PEM of its certificate. */
  readonly cert: string;
}

async function startSecureSite(): Promise<SecureSite> {
  const authority = await createTestAuthority();
  const tls = await authority.issue([HOST]);
  const server = startSite(greet, { tls });
  return {
    server,
    url: `https://${HOST}:${server.port}/`,
    ca: authority.ca,
    cert: tls.cert,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function greet(exchange: OriginExchange): Promise<void> {
  const fields = [["Content-Type", "text/html"]] as const;
  await exchange.answer(200, { fields, body: "<p>private</p>\n" });
}

Deno.test("a TLS handshake through CONNECT trusts the origin's authority and no other", async () => {
  await using site = await startSecureSite();
  await using system = await runningSystem();

  const answer = await askOverTls(site.ca);
  const otherAuthority = await createTestAuthority();

  assert.match(answer, /^HTTP\/1\.1 200 [^]*<p>private<\/p>\n$/);
  await assert.rejects(
    askOverTls(otherAuthority.ca),
    /certificate|UnknownIssuer/i,
  );

  async function askOverTls(ca: string): Promise<string> {
    using client = await openTls(system.proxy, {
      site: site.server,
      hostname: HOST,
      ca,
    });
    await client.send(
      `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`,
    );
    return await client.readAll();
  }
});

Deno.test({
  ...needs("curl"),
  name: "curl sees the origin's own certificate",
  async fn() {
    await using site = await startSecureSite();
    await using system = await runningSystem();
    const caFile = await Deno.makeTempFile({ suffix: ".pem" });
    await Deno.writeTextFile(caFile, site.ca);

    const { code, stdout, stderr } = await run("curl", [
      ...["--silent", "--show-error", "--write-out", "%{certs}"],
      ...["--cacert", caFile, "--proxy", system.proxyUrlWithCredentials],
      site.url,
    ]);
    await Deno.remove(caFile);

    assert.equal(code, 0, stderr);
    assert.match(stdout, /^<p>private<\/p>\n/);
    const [seen = ""] = /-----BEGIN [^]*?-----END CERTIFICATE-----/
      .exec(stdout) ?? [];
    assert.equal(fingerprint(seen), fingerprint(site.cert));
  },
});

Deno.test({
  ...needs("chromium"),
  name: "Chromium sees the origin's own certificate",
  async fn() {
    await using site = await startSecureSite();
    await using system = await runningSystem();
    await using chromium = await startChromium({
      proxy: { server: system.proxyUrl, ...system.credentials },
      // Trusts this one key and no other.
      args: [`--ignore-certificate-errors-spki-list=${keyHash(site.cert)}`],
    });
    const page = await chromium.browser.newPage();

    const response = await page.goto(site.url);
    const text = await page.textContent("p");
    const details = await response?.securityDetails();

    assert.equal(text, "private");
    assert.equal(details?.issuer, "Sallyport test authority");
  },
});

/** SHA-256 of a certificate. */
function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

/** SHA-256 of a certificate's public key in base64. */
function keyHash(pem: string): string {
  const der = new X509Certificate(pem).publicKey
    .export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("base64");
}
