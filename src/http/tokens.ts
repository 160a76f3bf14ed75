/**
 * The small grammar that all fields share (RFC 9110 §5.5, §5.6): which bytes
 * may stand where, and lists of tokens.
 */

/** 1 for the bytes of a token: method, field name, connection option (RFC 9110 §5.6.2). */
export const TOKEN_BYTES: Readonly<Uint8Array> = tableOf(
  "!#$%&'*+-.^_`|~0123456789" +
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
);

/** 1 for the bytes of a field value: visible, obs-text, space and tab (RFC 9110 §5.5). */
export const VALUE_BYTES: Readonly<Uint8Array> = valueTable();

/** Whether `text` is a token: not empty, and nothing but token characters. */
export function isToken(text: string): boolean {
  return text !== "" && isMadeOf(text, TOKEN_BYTES);
}

/** Whether `text` can stand in a field value: no CR, LF, NUL or other controls. */
export function isFieldValue(text: string): boolean {
  return isMadeOf(text, VALUE_BYTES);
}

/** Whether every character of `text` has a 1 in `table`. */
export function isMadeOf(text: string, table: Readonly<Uint8Array>): boolean {
  for (let at = 0; at < text.length; at++) {
    if (table[text.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/** A table with 1 for each character of `characters`. */
export function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let at = 0; at < characters.length; at++) {
    table[characters.charCodeAt(at)] = 1;
  }
  return table;
}

/**
 * `text` without the optional whitespace around it: space and tab, nothing else
 * (RFC 9110 §5.6.3). `trim()` would also remove a no-break space, which other
 * readers of the same message keep.
 */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The members of a comma-separated list of tokens, lower case, empty ones left out. */
export function listMembers(list: string): string[] {
  const members: string[] = [];
  for (const member of list.split(",")) {
    const trimmed = trimOws(member).toLowerCase();
    if (trimmed !== "") members.push(trimmed);
  }
  return members;
}

/**
 * Whether a comma-separated list has `token` in it.
 *
 * @param token In lower case.
 */
export function hasToken(list: string | undefined, token: string): boolean {
  if (list === undefined) return false;
  if (list === token) return true;
  return list.length >= token.length && listMembers(list).includes(token);
}

function valueTable(): Uint8Array {
  const table = new Uint8Array(256).fill(1, 0x20);
  table[0x09] = 1;
  table[0x7f] = 0;
  return table;
}
