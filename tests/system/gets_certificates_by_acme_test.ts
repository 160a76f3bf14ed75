/**
 * Promise: a server gets its certificate from an ACME server and renews it
 * while it runs. Tunnels keep their sessions, and a failure is a sentence.
 */
import assert from "node:assert/strict";
import type { X509Certificate } from "node:crypto";
import type { Address } from "../../src/net/address/address.ts";
import { peerCertificates } from "../../src/net/tls/start_tls_over.ts";
import type { AcmeOptions } from "../../src/server/acme/options.ts";
import { within } from "../testing/deadline.ts";
import { recordLog } from "../testing/event_log.ts";
import { freePort } from "../testing/free_port.ts";
import { needs } from "../testing/needs.ts";
import { checkForEverybody, goTo, signedInPage } from "../testing/pages.ts";
import { type Pebble, startPebble } from "../testing/pebble.ts";
import { RawClient } from "../testing/raw_client.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { startEchoServer } from "../testing/tcp_server.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { temporaryDirectory } from "./programs.ts";

const PEBBLE = needs("pebble");
const NAME = "lab.test";

function acmeOf({ directory, ca }: Pebble, more = {}): AcmeOptions {
  return {
    ...{ directory, domains: [NAME], agreesToTerms: true, caCerts: [ca] },
    poll: { interval: 50 },
    ...more,
  };
}

function at(port: number): Address {
  return { hostname: "127.0.0.1", port };
}

/** The certificate that a port shows for the name. */
async function shownAt(port: number): Promise<X509Certificate> {
  const conn = await Deno.connect(at(port));
  const [own] = await peerCertificates(conn, { hostname: NAME, port });
  assert(own !== undefined);
  return own;
}

async function assertEchoes(raw: RawClient, text: string): Promise<void> {
  await raw.send(text);
  const echoed = await raw.readExactly(text.length);
  assert.equal(new TextDecoder().decode(echoed), text);
}

Deno.test(
  "a server gets a certificate, renews it, and its tunnels keep their sessions",
  PEBBLE,
  async () => {
    await using log = await recordLog();
    const port = freePort();
    await using pebble = await startPebble({ tlsPort: port, validity: 9 });
    await using echo = startEchoServer();
    await using server = await startTestServer({
      address: at(port),
      externalHost: NAME,
      acme: acmeOf(pebble),
    });
    assert(server.ca !== undefined, "its own certificate serves meanwhile");

    const issued = await log.seen("new certificates are in use", {
      certificates: "server",
    });

    assert.equal(server.ca, undefined);
    const first = await shownAt(port);
    assert.equal(first.subjectAltName, `DNS:${NAME}`);
    const before = await shownAt(server.tunnelAddress.port);
    assert.equal(before.serialNumber, first.serialNumber);
    await using _client = await startTestClient(server, {
      server: `https://${NAME}:${port}`,
      names: { hosts: new Map([[NAME, ["127.0.0.1"]]]) },
      caCerts: [await pebble.root()],
    });
    using open = await RawClient.connect({ port: server.proxyAddress.port });
    const authority = `127.0.0.1:${echo.port}`;
    await open.send(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n` +
        `Proxy-Authorization: Basic ${btoa(CREDENTIALS)}\r\n\r\n`,
    );
    assert.match(await open.readHead(), /^HTTP\/1\.1 200 /);
    await assertEchoes(open, "before");
    const sessions = log.matching("session opened").length;

    await log.seen(
      "new certificates are in use",
      { certificates: "server" },
      { after: issued },
    );

    assert.notEqual((await shownAt(port)).serialNumber, first.serialNumber);
    await assertEchoes(open, "after");
    assert.equal(log.matching("session opened").length, sessions);
    assert.equal(log.matching("session closed").length, 0);
  },
);

Deno.test(
  "HTTP-01 has a port of its own, and a restart keeps account and certificate",
  PEBBLE,
  async () => {
    await using log = await recordLog();
    await using folder = await temporaryDirectory();
    const httpPort = freePort();
    await using pebble = await startPebble({
      httpPort,
      externalKeys: { "kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG4" },
    });
    const options = {
      dataDir: folder.path,
      acme: acmeOf(pebble, {
        domains: [NAME, "proxy.lab.test"],
        httpAddress: at(httpPort),
        email: "jane@lab.test",
        external: {
          kid: "kid-1",
          hmacKey: "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG4",
        },
      }),
    };
    let serial: string;
    {
      await using server = await startTestServer(options);
      await log.seen("new certificates are in use");
      const shown = await shownAt(Number(new URL(server.url).port));
      serial = shown.serialNumber;
      assert.match(shown.subjectAltName ?? "", /DNS:proxy\.lab\.test/);
      const other = await fetch(`http://127.0.0.1:${httpPort}/anything`);
      assert.equal(other.status, 404);
      assert.match(await other.text(), /Use https/);
    }
    const kept = [];
    for await (const { name } of Deno.readDir(folder.path)) {
      if (!name.startsWith("acme-")) continue;
      const { mode } = await Deno.stat(`${folder.path}/${name}`);
      kept.push([name.replace(/-[0-9a-f]{12}-/, "-"), (mode ?? 0) & 0o777]);
    }
    assert.deepEqual(kept.sort(), [
      ["acme-account.json", 0o600],
      ["acme-certificate.pem", 0o600],
    ]);

    await using again = await startTestServer(options);

    const shown = await shownAt(Number(new URL(again.url).port));
    assert.equal(shown.serialNumber, serial);
    assert.equal(again.ca, undefined);
    assert.equal(log.matching("certificate is ordered").length, 1);
  },
);

Deno.test(
  "a challenge that the CA cannot see ends in a sentence, and the server goes on",
  PEBBLE,
  async () => {
    await using log = await recordLog();
    // Nobody listens where the CA looks.
    await using pebble = await startPebble();
    await using server = await startTestServer({
      acme: acmeOf(pebble, { httpAddress: at(0) }),
    });

    const { fields: { error } } = await log.seen("certificate was not issued");

    assert.match(
      String(error),
      new RegExp(
        `^AcmeError: Cannot get a certificate for "${NAME}": the CA ` +
          `"127\\.0\\.0\\.1:\\d+" says by HTTP-01: .*connection refused.*, let ` +
          "port 80 of that name lead to --acme-http-address of this server$",
      ),
    );
    const later = await log.seen("certificate is ordered again later");
    assert(Date.parse(String(later.fields["at"])) - Date.now() > 4 * 60_000);
    await using _client = await startTestClient(server);
  },
);

Deno.test(
  "a CA whose own certificate is not trusted is named, with the option",
  PEBBLE,
  async () => {
    await using log = await recordLog();
    await using pebble = await startPebble();
    await using _server = await startTestServer({
      acme: acmeOf(pebble, { caCerts: [] }),
    });

    const { fields: { error } } = await within(
      log.seen("certificate was not issued"),
      "the failure",
    );

    assert.match(
      String(error),
      /the CA at "127\.0\.0\.1:\d+" cannot be reached: its certificate is not trusted \(.*UnknownIssuer.*\), give the CA's own certificate with --acme-cacert-file$/,
    );
  },
);

Deno.test({
  ...needs("pebble", "chromium"),
  name:
    "admins see at a page which certificate is in use and why the next one failed",
  async fn() {
    await using log = await recordLog();
    await using pebble = await startPebble();
    await using server = await startTestServer({
      acme: acmeOf(pebble, { httpAddress: at(0) }),
    });
    await log.seen("certificate is ordered again later");
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;

    await goTo(page, "Certificates");

    await page.getByText("until one is issued by ACME").waitFor();
    await page.getByText("connection refused").waitFor();
    await page.getByText("1 in a row").waitFor();
    await checkForEverybody(page, "certificates");
  },
});
