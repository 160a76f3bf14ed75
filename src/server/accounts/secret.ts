/**
 * Secrets that the server generates and gives out once, keeping only their hash.
 * They are random and long, so one round of SHA-256 suffices. Access keys, which
 * people may choose, have a slow hash: see `access_key.ts`.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits cannot be guessed, online or offline. */
const SECRET_BYTES = 32;

/** Generates a secret: 43 characters that need no escaping in URLs and headers. */
export function generateSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** The hash of a secret. */
export class SecretHash {
  /** SHA-256 of the secret. */
  readonly digest: Uint8Array;

  /** @param secret The secret, or its stored digest. */
  constructor(secret: string | Uint8Array) {
    this.digest = typeof secret === "string" ? digestOf(secret) : secret;
  }

  /** Whether `candidate` is the secret. It takes the same time in both cases. */
  matches(candidate: string): boolean {
    return timingSafeEqual(this.digest, digestOf(candidate));
  }
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
