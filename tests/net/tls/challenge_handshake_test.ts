/** A TLS 1.3 client of the runtime looks at the certificate of a challenge. */
import assert from "node:assert/strict";
import type { ByteStream } from "../../../src/net/stream/byte_stream.ts";
import { copy } from "../../../src/net/stream/copy.ts";
import {
  ACME_PROTOCOL,
  type ChallengeCertificate,
  showChallenge,
} from "../../../src/net/tls/challenge_handshake.ts";
import {
  type ClientHello,
  readClientHello,
} from "../../../src/net/tls/client_hello.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";
import { type CertifiedKey, createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";
import { TcpServer } from "../../testing/tcp_server.ts";

function shownOf({ cert, key }: CertifiedKey): ChallengeCertificate {
  const base64 = cert.replaceAll(/-----[^-]+-----|\s/g, "");
  return { certificate: Uint8Array.fromBase64(base64), keyPem: key };
}

/** Reads the hello of a client, and does what the test says with it. */
async function accept(
  ca: string,
  serve: (conn: ByteStream, hello: ClientHello) => Promise<boolean>,
): Promise<
  { readonly result: boolean; readonly protocol: string | null | undefined }
> {
  const done = Promise.withResolvers<boolean>();
  await using server = new TcpServer(async (conn) => {
    const buffer = new Uint8Array(8192);
    const count = await conn.read(buffer) ?? 0;
    const hello = readClientHello(buffer.subarray(0, count));
    assert.ok(hello);
    await serve(conn, hello).then(done.resolve, done.reject);
  });
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const tls = await Deno.startTls(tcp, {
    hostname: "lab.test",
    caCerts: [ca],
    alpnProtocols: [ACME_PROTOCOL],
  });
  const info = await tls.handshake().catch(() => undefined);
  tls.close();
  const result = await within(done.promise, "the look to end");
  return { result, protocol: info?.alpnProtocol };
}

Deno.test("a client trusts the certificate, and agrees on the protocol", async () => {
  const authority = await createTestAuthority();
  const shown = shownOf(await authority.issue(["lab.test"]));

  const { result, protocol } = await accept(
    authority.ca,
    (conn, hello) => showChallenge(conn, hello, shown),
  );

  assert.equal(result, true);
  assert.equal(protocol, "acme-tls/1");
});

Deno.test("a client does not take a certificate that is signed with another key", async () => {
  const authority = await createTestAuthority();
  const { cert } = await authority.issue(["lab.test"]);
  const { key } = await authority.issue(["lab.test"]);

  const { protocol } = await accept(
    authority.ca,
    (conn, hello) => showChallenge(conn, hello, shownOf({ cert, key })),
  );

  assert.equal(protocol, undefined);
});

/** What a client cannot do → its hello. */
const UNABLE: Readonly<
  Record<string, (hello: ClientHello) => Partial<ClientHello>>
> = {
  "TLS 1.3": () => ({ versions: [0x0303] }),
  "its cipher": () => ({ cipherSuites: [0x1302] }),
  "its signatures": () => ({ signatureSchemes: [0x0804] }),
  "its key exchange": () => ({
    keyShares: new Map([[0x0017, new Uint8Array(65)]]),
  }),
  "a key of 32 bytes": () => ({
    keyShares: new Map([[0x001d, new Uint8Array(31)]]),
  }),
};

for (const [what, change] of Object.entries(UNABLE)) {
  Deno.test(`a client without ${what} gets an alert and no certificate`, async () => {
    const authority = await createTestAuthority();
    const shown = shownOf(await authority.issue(["lab.test"]));
    let sent: number[] = [];

    const { result } = await accept(authority.ca, async (_, hello) => {
      const [near, far] = createMemoryDuplex();
      const isShown = await showChallenge(
        near,
        { ...hello, ...change(hello) },
        shown,
      );
      near.close();
      sent = await allOf(far);
      return isShown;
    });

    assert.equal(result, false);
    // A fatal handshake_failure (RFC 8446 §6.2).
    assert.deepEqual(sent, [21, 3, 3, 0, 2, 2, 40]);
  });
}

async function allOf(conn: ByteStream): Promise<number[]> {
  const got: number[] = [];
  await copy({
    write(bytes) {
      got.push(...bytes);
      return Promise.resolve(bytes.length);
    },
  }, conn);
  return got;
}

for (const [size, isOver] of [[2047, false], [2048, true]] as const) {
  Deno.test(`a client that goes on is ${isOver ? "left" : "heard"} after ${size} bytes`, async () => {
    const authority = await createTestAuthority();
    const shown = shownOf(await authority.issue(["lab.test"]));

    await accept(authority.ca, async (_, hello) => {
      const [near, far] = createMemoryDuplex();
      let hasEnded = false;
      const showing = showChallenge(near, hello, shown)
        .then(() => hasEnded = true);
      await far.write(bytesOf("x".repeat(size)));
      if (isOver) await within(showing, "the look to end");
      else {
        for (let turn = 0; turn < 100; turn++) await Promise.resolve();
        assert.equal(hasEnded, false);
        await far.closeWrite();
        await within(showing, "the look to end");
      }
      far.close();
      return hasEnded;
    });
  });
}
