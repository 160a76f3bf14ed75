// Basic credentials (RFC 7617): the one encoder and the one decoder. Text is UTF-8.

/** Longest field that is decoded, in characters. User names have at most 64, keys 256. */
const MAX_FIELD_LENGTH = 4096;
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
// RFC 7617 §2: control characters are not allowed.
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/** A user name and what proves it. */
export interface BasicCredentials {
  /** Without a colon. */
  readonly username: string;
  /** Any text. */
  readonly password: string;
}

/** The value of an `Authorization` or `Proxy-Authorization` field. */
export function formatBasicCredentials(
  { username, password }: BasicCredentials,
): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${bytes.toBase64()}`;
}

/**
 * Parses the value of an `Authorization` or `Proxy-Authorization` field.
 *
 * @returns `undefined` when the field is missing, malformed, or of another scheme.
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

function decode(base64: string | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Uint8Array.fromBase64(base64));
  } catch {
    // Neither base64 nor UTF-8: malformed in both cases.
    return undefined;
  }
}
