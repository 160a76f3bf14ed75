/**
 * Secrets that the server makes itself and gives out once: it keeps only their
 * hash. They are random and long, so one round of SHA-256 is enough; access
 * keys, which people may choose, are hashed slowly in `access_key.ts`.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits: beyond guessing, online or off. */
const SECRET_BYTES = 32;

/** A new random secret: 43 characters that need no escaping in URLs and headers. */
export function generateSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** What is kept of a secret: enough to recognise it, not to say it. */
export class SecretHash {
  /** SHA-256 of the secret. */
  readonly digest: Uint8Array;

  /** @param secret The secret, or what `digest` was of it. */
  constructor(secret: string | Uint8Array) {
    this.digest = typeof secret === "string" ? digestOf(secret) : secret;
  }

  /** Whether `candidate` is the secret; takes the same time either way. */
  matches(candidate: string): boolean {
    return timingSafeEqual(this.digest, digestOf(candidate));
  }
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
