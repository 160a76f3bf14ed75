/**
 * Rows of the tables of messages.
 *
 * @module
 */

/** Bytes, and what they must be taken for. */
export interface Row {
  readonly what: string;
  /** The bytes of one connection, each a character. */
  readonly text: string;
  /** Part of our error: the reason, not only that there is one. */
  readonly error?: string;
  /** `GET /|content` of each request, `200|content` of a response. */
  readonly read?: readonly string[];
}

/** A row that is refused for `error`. */
export function refused(what: string, error: string, text: string): Row {
  return { what, text, error };
}

/** A row that is read as these messages. */
export function read(
  what: string,
  text: string,
  ...messages: readonly string[]
): Row {
  return { what, text, read: messages };
}
