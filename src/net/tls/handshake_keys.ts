/**
 * The keys of a TLS 1.3 handshake with TLS_AES_128_GCM_SHA256, and the records
 * that they protect (RFC 8446 §5.2, §7.1). The primitives are the runtime's.
 */
import { createCipheriv, createHash, createHmac } from "node:crypto";

const HASH_SIZE = 32;
const KEY_SIZE = 16;
const IV_SIZE = 12;
const APPLICATION_DATA = 23;

/** SHA-256 of all of them together. */
export function hashOf(...messages: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const each of messages) hash.update(each);
  return new Uint8Array(hash.digest());
}

/** HMAC-SHA-256. */
export function hmacOf(key: Uint8Array, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(data).digest());
}

/** Bytes after their length, which takes `size` bytes. */
export function block(size: number, bytes: Uint8Array): Uint8Array {
  const length = Array.from(
    { length: size },
    (_, at) => Math.floor(bytes.length / 256 ** (size - 1 - at)) % 256,
  );
  return joined(new Uint8Array(length), bytes);
}

/** All of them in one. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The secret that protects what the server sends in its handshake.
 *
 * @param shared What the key exchange gave.
 * @param transcript The hash of ClientHello and ServerHello.
 */
export function serverSecret(
  shared: Uint8Array,
  transcript: Uint8Array,
): Uint8Array {
  const zeros = new Uint8Array(HASH_SIZE);
  const early = hmacOf(zeros, zeros);
  const handshake = hmacOf(expand(early, "derived", hashOf()), shared);
  return expand(handshake, "s hs traffic", transcript);
}

/** The content of a Finished message (RFC 8446 §4.4.4). */
export function finishedOf(
  secret: Uint8Array,
  transcript: Uint8Array,
): Uint8Array {
  return hmacOf(expand(secret, "finished", new Uint8Array(0)), transcript);
}

/**
 * Protects one record, the first of its key.
 *
 * @param type The content's type, such as 22 for a handshake.
 */
export function protectFirst(
  secret: Uint8Array,
  type: number,
  content: Uint8Array,
): Uint8Array {
  const none = new Uint8Array(0);
  const key = expand(secret, "key", none, KEY_SIZE);
  // The number of the first record is 0, which leaves the vector as it is.
  const iv = expand(secret, "iv", none, IV_SIZE);
  const cipher = createCipheriv("aes-128-gcm", key, iv);
  const inner = joined(content, new Uint8Array([type]));
  const length = inner.length + 16;
  const header = new Uint8Array([
    APPLICATION_DATA,
    ...[3, 3, length >> 8, length & 255],
  ]);
  cipher.setAAD(header);
  const sealed = cipher.update(inner);
  cipher.final();
  return joined(header, sealed, cipher.getAuthTag());
}

/** HKDF-Expand-Label (RFC 8446 §7.1), for at most one block of the hash. */
function expand(
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length = HASH_SIZE,
): Uint8Array {
  const info = joined(
    new Uint8Array([length >> 8, length & 255]),
    block(1, new TextEncoder().encode(`tls13 ${label}`)),
    block(1, context),
    new Uint8Array([1]),
  );
  return hmacOf(secret, info).subarray(0, length);
}
