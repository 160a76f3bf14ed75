/**
 * Promise: a certificate that is not trusted is explained: what is wrong with
 * it, and what mends that. The same for sites, behind an upstream proxy too,
 * and for the server.
 */
import assert from "node:assert/strict";
import { ClientError } from "../../src/client/errors.ts";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { pipe } from "../../src/net/stream/pipe.ts";
import { ByteScanner, bytesOf } from "../testing/byte_scanner.ts";
import {
  type CertifiedKey,
  createSelfSigned,
  createTestAuthority,
} from "../testing/certs.ts";
import {
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { get } from "../testing/browser.ts";

const HOUR = 3_600_000;
const TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
const SKIP = "skip the check for this host with --insecure-domains";

const authority = await createTestAuthority();
const stranger = await createTestAuthority({ name: "Other authority" });
/** Made again: the same name, another key. */
const renewed = await createTestAuthority();
const notAfter = new Date(Date.now() - HOUR);
const notBefore = new Date(Date.now() + HOUR);

/** A certificate of `shop.test`, and what is said about it, after a colon. */
const CASES: readonly (readonly [string, CertifiedKey, RegExp])[] = [
  [
    "expired",
    await authority.issue(["shop.test"], { notAfter }),
    RegExp(`it expired at ${timeOf(notAfter)}: have it renewed, or ${SKIP}$`),
  ],
  [
    "not valid yet",
    await authority.issue(["shop.test"], { notBefore }),
    RegExp(
      `it is not valid before ${
        timeOf(notBefore)
      }, and the clock of this machine says ${TIME}: set the clock, or issue it again$`,
    ),
  ],
  [
    "for other names",
    await authority.issue(["a.test", "*.shop.test", "127.0.0.9"]),
    RegExp(
      'it is for "a.test", "\\*.shop.test" and "127.0.0.9", not for "shop.test": ' +
        `ask for one of these names, or issue it for this one, or ${SKIP}$`,
    ),
  ],
  [
    "of an unknown authority",
    await stranger.issue(["shop.test"]),
    RegExp(
      'its authority "Other authority" is neither built in nor in "server.pem", "a.pem": ' +
        `give its certificate with --cacert-file, or ${SKIP}$`,
    ),
  ],
  [
    "of an authority that was made again",
    await renewed.issue(["shop.test"]),
    /its authority "Sallyport test authority" has another key than the one of that name in "a.pem": give the new one with --cacert-file$/,
  ],
  [
    "self-signed",
    await createSelfSigned(["shop.test"]),
    RegExp(`it is self-signed: give it with --cacert-file, or ${SKIP}$`),
  ],
  [
    "self-signed, and marked as a CA's",
    await createSelfSigned(["shop.test"], { isCa: true }),
    RegExp(
      "it is self-signed and marked as a CA, which TLS accepts from no host: " +
        `issue one without that mark \\(CA:FALSE\\), or ${SKIP}$`,
    ),
  ],
];

function timeOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** A site that speaks TLS with this certificate, and says nothing. */
function startSecure(tls: CertifiedKey): TcpServer {
  return new TcpServer(async (conn) => {
    while (await conn.read(new Uint8Array(1024)) !== null);
  }, { tls });
}

/** A proxy that takes every CONNECT for one to this machine. */
function startProxy(): TcpServer {
  return new TcpServer(async (conn) => {
    const head = await new ByteScanner(conn).readThrough("\r\n\r\n");
    const port = Number(/:(\d+) HTTP/.exec(String(head))?.[1]);
    await conn.write(bytesOf("HTTP/1.1 200 OK\r\n\r\n"));
    await pipe(conn, await Deno.connect({ hostname: "127.0.0.1", port }));
  });
}

for (const through of ["directly", "through an upstream proxy"] as const) {
  Deno.test(`what is wrong with a site's certificate is said, ${through}`, async (t) => {
    await using proxy = startProxy();
    const upstreamProxy = through === "directly"
      ? undefined
      : parseUpstreamProxy(`127.0.0.1:${proxy.port}`);
    await using system = await runningSystem({
      client: { caFiles: ['"server.pem"', '"a.pem"'], upstreamProxy },
      trusted: [authority.ca],
    });
    for (const [what, tls, says] of CASES) {
      await t.step(what, async () => {
        await using site = startSecure(tls);
        const page = await get(
          `https://shop.test:${site.port}/`,
          system.proxy,
        );

        const start =
          `tls_certificate Cannot trust the certificate of "shop.test:${site.port}": `;
        assert.equal(page.status, 502);
        assert.equal(page.error?.slice(0, start.length), start);
        assert.match(page.error.slice(start.length), says);
      });
    }
  });
}

Deno.test("what is wrong with the server's certificate is said at the start", async (t) => {
  const cases: readonly (readonly [string, CertifiedKey, RegExp])[] = [
    [
      "expired",
      await authority.issue(["127.0.0.1"], { notAfter }),
      /it expired at \S+Z: renew it \(server options --tls-cert-file and --tls-key-file\)$/,
    ],
    [
      "not valid yet",
      await authority.issue(["127.0.0.1"], { notBefore }),
      /it is not valid before \S+Z, and the clock of this machine says \S+Z: set the clock, /,
    ],
    [
      "for another name",
      await authority.issue(["proxy.test"]),
      /it is for "proxy.test", not for "127.0.0.1": give one of these names in --server, or issue it for this one \(server options --external-host and --tls-cert-file\)$/,
    ],
    [
      "self-signed",
      await createSelfSigned(["127.0.0.1"]),
      /it is self-signed: give it with --cacert-file$/,
    ],
  ];
  for (const [what, tls, says] of cases) {
    await t.step(what, async () => {
      await using server = await startTestServer({ tls });

      await assert.rejects(
        startTestClient(server, { caCerts: [authority.ca] }),
        (error) => {
          assert.ok(error instanceof ClientError);
          assert.match(
            error.message,
            /^Cannot trust the certificate of "127.0.0.1:\d+": /,
          );
          assert.match(error.message, says);
          return true;
        },
      );
    });
  }
});
