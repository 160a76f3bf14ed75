/** A percent sign and what it encodes: one character in UTF-8 (RFC 3986 §2.1). */
const ENCODED = /(?:%[0-9a-f]{2})+/gi;

/**
 * Decodes the user name or the password of a URL. A percent sign that encodes
 * nothing stands for itself, as people type it.
 */
export function decodeUserinfo(text: string): string {
  return text.replace(ENCODED, (piece) => {
    try {
      return decodeURIComponent(piece);
    } catch {
      // These bytes are not a character.
      return piece;
    }
  });
}

/** Splits `user[:password]` at the first colon, and decodes both. */
export function parseUserinfo(
  text: string,
): { readonly username: string; readonly password: string } {
  const [username = "", ...rest] = text.split(":");
  return {
    username: decodeUserinfo(username),
    password: decodeUserinfo(rest.join(":")),
  };
}

/** Writes a user name and password as {@linkcode parseUserinfo} reads them. */
export function formatUserinfo(
  { username, password }: ReturnType<typeof parseUserinfo>,
): string {
  return `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
}
