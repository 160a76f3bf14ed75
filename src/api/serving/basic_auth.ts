/**
 * Reading Basic credentials (RFC 7617), and comparing secrets.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { BasicCredentials } from "../../http/basic_credentials.ts";

// Longest field that is looked at: far above a name of 64 and a key of 256
// characters, far below what decoding would notice.
const MAX_FIELD_LENGTH = 4096;
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
// RFC 7617 §2: control characters are not allowed.
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/**
 * Reads an `Authorization` or `Proxy-Authorization` field. Text is UTF-8.
 *
 * @returns `undefined` when the field is missing, of another scheme, or malformed.
 */
export function parseBasicCredentials(
  field: string | undefined,
): BasicCredentials | undefined {
  if (field === undefined || field.length > MAX_FIELD_LENGTH) return undefined;
  const text = decode(BASIC.exec(field)?.[1]);
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 0 || CONTROL.test(text)) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Whether two texts are the same; how long it takes says nothing about where they differ. */
export function isSameSecret(left: string, right: string): boolean {
  return timingSafeEqual(digestOf(left), digestOf(right));
}

function decode(base64: string | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Uint8Array.fromBase64(base64));
  } catch {
    // Not base64, or not UTF-8: malformed, whatever the reason.
    return undefined;
  }
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
