/**
 * Which fields an encoder keeps in its table.
 *
 * @module
 */

/**
 * What happens to a field that is not in a table yet:
 *
 * - `add`: it goes into the dynamic table;
 * - `once`: it is sent as it is, for its value is a new one each time and
 *   would only push out others;
 * - `never`: the same, and no one on the way may put it in a table: whoever
 *   can add guesses to a table with a secret in it can tell from the lengths
 *   when a guess is right (RFC 7541 §7.1.3).
 */
export type Indexing = "add" | "once" | "never";

/**
 * Cookies of fewer octets can be guessed; longer ones have the entropy of a
 * session key, and are worth an entry because every request repeats them.
 */
const SHORT_COOKIE = 20;

const BY_NAME: ReadonlyMap<string, Indexing> = new Map<string, Indexing>([
  [":path", "once"],
  ["age", "once"],
  ["authorization", "never"],
  ["content-length", "once"],
  ["content-range", "once"],
  ["etag", "once"],
  ["if-modified-since", "once"],
  ["if-none-match", "once"],
  ["last-modified", "once"],
  ["location", "once"],
  ["proxy-authorization", "never"],
  ["range", "once"],
  ["set-cookie", "never"],
]);

/** What to do with a field; its name is lower-case. */
export function indexingOf(name: string, value: string): Indexing {
  if (name === "cookie" && value.length < SHORT_COOKIE) return "never";
  return BY_NAME.get(name) ?? "add";
}
