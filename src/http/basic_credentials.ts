/** A user name and what proves it. */
export interface BasicCredentials {
  /** Without a colon. */
  readonly username: string;
  /** Any text. */
  readonly password: string;
}

/** Writes an `Authorization` or `Proxy-Authorization` field. Text is UTF-8. */
export function formatBasicCredentials(
  { username, password }: BasicCredentials,
): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${bytes.toBase64()}`;
}
