import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  fingerprintsOf,
  parseFingerprint,
} from "../../../src/net/tls/certificate_pins.ts";
import {
  ACME_PROTOCOL,
  showChallenge,
} from "../../../src/net/tls/challenge_handshake.ts";
import { readClientHello } from "../../../src/net/tls/client_hello.ts";
import { startPinnedTls } from "../../../src/net/tls/start_tls_over.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { TcpServer } from "../../testing/tcp_server.ts";

const HEX = "0123456789abcdef".repeat(4);

Deno.test("parseFingerprint() reads what OpenSSL, browsers and the log show", () => {
  const colons = HEX.toUpperCase().replace(/(..)(?!$)/g, "$1:");
  for (
    const text of [
      HEX,
      `sha256:${HEX}`,
      `SHA256:${colons}`,
      colons,
      `sha256 Fingerprint=${colons}`,
    ]
  ) {
    assert.equal(parseFingerprint(text), `sha256:${HEX}`, text);
  }
  for (
    const text of ["", HEX.slice(1), `sha1:${HEX}`, `${HEX}0`, "g".repeat(64)]
  ) {
    assert.equal(parseFingerprint(text), undefined, text);
  }
});

/** A pinned handshake with a port of this machine. */
async function pinned(
  port: number,
  fingerprints: readonly string[],
  { hostname = "lab.test", alpnProtocols = ["http/1.1"] } = {},
): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const stream = await startPinnedTls(conn, {
    ...{ hostname, port, alpnProtocols },
    pins: { fingerprints, source: "--server-fingerprint" },
  });
  stream.close();
}

/** A server that shows what no authority has signed that is known here. */
async function pinnableSite() {
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue(["lab.test"]);
  return {
    cert,
    key,
    own: fingerprintsOf(new X509Certificate(cert)),
    ca: fingerprintsOf(new X509Certificate(authority.ca)),
    chain: `${cert}\n${authority.ca}`,
  };
}

/** Serves one handshake after the other that shows `cert` and signs with `key`. */
function showing(cert: string, key: string): TcpServer {
  return new TcpServer(async (conn) => {
    const buffer = new Uint8Array(8192);
    const count = await conn.read(buffer) ?? 0;
    const hello = readClientHello(buffer.subarray(0, count));
    assert(hello !== undefined);
    const certificate = new Uint8Array(new X509Certificate(cert).raw);
    await showChallenge(conn, hello, { certificate, keyPem: key })
      .catch(() => {});
    conn.close();
  });
}

Deno.test("a pinned certificate without its key is refused", async () => {
  const site = await pinnableSite();
  const thief = await pinnableSite();
  const alpnProtocols = [ACME_PROTOCOL];
  await using honest = showing(site.cert, site.key);
  await using stolen = showing(site.cert, thief.key);
  const pins = [site.own.certificate, site.own.publicKey];

  await pinned(honest.port, pins, { alpnProtocols });
  await assert.rejects(pinned(stolen.port, pins, { alpnProtocols }));
});

Deno.test("an authority that has not signed the certificate does not help it", async () => {
  const site = await pinnableSite();
  const thief = await pinnableSite();
  // The chain of the site behind a certificate of somebody else.
  await using origin = await startChain(
    `${thief.cert}\n${site.chain}`,
    thief.key,
  );

  await assert.rejects(
    pinned(origin.port, [site.ca.certificate, site.ca.publicKey]),
    (error: Error) =>
      error.message.includes(thief.own.certificate) &&
      error.message.includes(site.ca.certificate) &&
      /--server-fingerprint has /.test(error.message),
  );
});

Deno.test("a pinned authority vouches for the right names only", async () => {
  const site = await pinnableSite();
  await using origin = await startChain(site.chain, site.key);

  await pinned(origin.port, [site.ca.publicKey]);
  await pinned(origin.port, [`sha256:${HEX}`, site.ca.certificate]);
  await pinned(origin.port, [site.own.certificate], { hostname: "any.test" });
  await assert.rejects(
    pinned(origin.port, [site.ca.publicKey], { hostname: "any.test" }),
    /the certificate is not for "any\.test"/,
  );
});

/** A TLS server that shows this chain. */
function startChain(
  cert: string,
  key: string,
): Promise<AsyncDisposable & { readonly port: number }> {
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert,
    key,
  });
  const { port } = listener.addr as Deno.NetAddr;
  const done = (async () => {
    for await (const conn of listener) {
      // The client may leave in the middle.
      await conn.handshake().catch(() => {});
      conn.close();
    }
  })();
  return Promise.resolve({
    port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await done;
    },
  });
}
