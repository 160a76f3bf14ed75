/**
 * The server's side of a TLS 1.3 handshake that shows one certificate, for the
 * ACME challenge TLS-ALPN-01 (RFC 8737).
 *
 * The certificate of that challenge has a critical extension that Deno's TLS
 * does not know, so it refuses to show it. Nothing is sent or taken after this
 * handshake: a mistake here can fail a challenge, and protects no data.
 */
import { createPrivateKey, diffieHellman, sign } from "node:crypto";
import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import type { ByteStream } from "../stream/byte_stream.ts";
import { writeAll } from "../stream/copy.ts";
import type { ClientHello } from "./client_hello.ts";
import {
  block,
  finishedOf,
  hashOf,
  joined,
  protectFirst,
  serverSecret,
} from "./handshake_keys.ts";

/** The protocol that asks for the certificate of a challenge (RFC 8737 §6.2). */
export const ACME_PROTOCOL = "acme-tls/1";

/** The certificate of a challenge. */
export interface ChallengeCertificate {
  /** In DER. */
  readonly certificate: Uint8Array;
  /** ECDSA P-256 (PKCS #8), in PEM. */
  readonly keyPem: string;
}

const TLS_1_3 = 0x0304;
const AES_128_GCM_SHA256 = 0x1301;
const ECDSA_P256_SHA256 = 0x0403;
const X25519 = 0x001d;
const MESSAGE = {
  serverHello: 2,
  encryptedExtensions: 8,
  certificate: 11,
  certificateVerify: 15,
  finished: 20,
} as const;
const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22 } as const;
/** `handshake_failure`, fatal. */
const HANDSHAKE_FAILURE: readonly number[] = [2, 40];
/** What a public key of X25519 has before its 32 bytes, in DER. */
const X25519_SPKI = "302a300506032b656e032100";
/** What a peer may send after its hello: a Finished message, and an alert. */
const MAX_AFTERWARDS = 2 * 1024;

/**
 * Shows `shown` to the peer that has sent `hello`, and waits until it has
 * looked at it. The connection is not closed.
 *
 * @returns Whether the peer got the certificate; `false` when it cannot speak
 * what every TLS 1.3 client must.
 * @throws What reading and writing throws.
 */
export async function showChallenge(
  conn: ByteStream,
  hello: ClientHello,
  shown: ChallengeCertificate,
): Promise<boolean> {
  const peerKey = hello.keyShares.get(X25519);
  const isUsable = hello.versions.includes(TLS_1_3) &&
    hello.cipherSuites.includes(AES_128_GCM_SHA256) &&
    hello.signatureSchemes.includes(ECDSA_P256_SHA256);
  if (!isUsable || peerKey?.length !== 32) {
    const alert = new Uint8Array(HANDSHAKE_FAILURE);
    await writeAll(conn, record(RECORD.alert, alert));
    return false;
  }
  await writeAll(conn, flightOf(hello, peerKey, shown));
  await untilLookedAt(conn);
  return true;
}

/** All that the server sends. */
function flightOf(
  hello: ClientHello,
  peerKey: Uint8Array,
  { certificate, keyPem }: ChallengeCertificate,
): Uint8Array {
  const own = generateKeyPairSync("x25519");
  const ownKey = own.publicKey.export({ type: "spki", format: "der" });
  const serverHello = serverHelloOf(hello, ownKey.subarray(-32));
  const secret = serverSecret(
    new Uint8Array(diffieHellman({
      privateKey: own.privateKey,
      publicKey: createPublicKey({
        key: joined(Uint8Array.fromHex(X25519_SPKI), peerKey) as never,
        type: "spki",
        format: "der",
      }),
    })),
    hashOf(hello.message, serverHello),
  );
  const sent = [extensions(), certificateMessage(certificate)];
  const soFar = () => hashOf(hello.message, serverHello, ...sent);
  sent.push(certificateVerify(keyPem, soFar()));
  sent.push(message(MESSAGE.finished, finishedOf(secret, soFar())));
  return joined(
    record(RECORD.handshake, serverHello),
    // Middleboxes expect it (RFC 8446 §D.4).
    record(RECORD.changeCipherSpec, new Uint8Array([1])),
    protectFirst(secret, RECORD.handshake, joined(...sent)),
  );
}

function serverHelloOf(
  { sessionId }: ClientHello,
  ownKey: Uint8Array,
): Uint8Array {
  const version = extension(43, uint16(TLS_1_3));
  const keyShare = extension(51, joined(uint16(X25519), block(2, ownKey)));
  return message(
    MESSAGE.serverHello,
    joined(
      // The version of TLS 1.2, and random bytes.
      uint16(0x0303),
      new Uint8Array(randomBytes(32)),
      block(1, sessionId),
      uint16(AES_128_GCM_SHA256),
      // No compression.
      new Uint8Array([0]),
      block(2, joined(version, keyShare)),
    ),
  );
}

function extensions(): Uint8Array {
  const name = block(1, new TextEncoder().encode(ACME_PROTOCOL));
  const protocol = extension(16, block(2, name));
  return message(MESSAGE.encryptedExtensions, block(2, protocol));
}

function certificateMessage(certificate: Uint8Array): Uint8Array {
  const none = new Uint8Array(0);
  const entry = joined(block(3, certificate), block(2, none));
  return message(
    MESSAGE.certificate,
    joined(block(1, none), block(3, entry)),
  );
}

function certificateVerify(
  keyPem: string,
  transcript: Uint8Array,
): Uint8Array {
  const content = joined(
    new Uint8Array(64).fill(0x20),
    new TextEncoder().encode("TLS 1.3, server CertificateVerify\0"),
    transcript,
  );
  const signature = sign("sha256", content, createPrivateKey(keyPem));
  return message(
    MESSAGE.certificateVerify,
    joined(uint16(ECDSA_P256_SHA256), block(2, new Uint8Array(signature))),
  );
}

function extension(type: number, content: Uint8Array): Uint8Array {
  return joined(uint16(type), block(2, content));
}

function message(type: number, content: Uint8Array): Uint8Array {
  return joined(new Uint8Array([type]), block(3, content));
}

function record(type: number, content: Uint8Array): Uint8Array {
  return joined(new Uint8Array([type, 3, 3]), block(2, content));
}

function uint16(value: number): Uint8Array {
  return new Uint8Array([value >> 8, value & 255]);
}

/** A CA closes the connection when it has seen the certificate. */
async function untilLookedAt(conn: ByteStream): Promise<void> {
  const buffer = new Uint8Array(MAX_AFTERWARDS);
  let size = 0;
  while (size < MAX_AFTERWARDS) {
    const count = await conn.read(buffer);
    if (count === null) return;
    size += count;
  }
}
