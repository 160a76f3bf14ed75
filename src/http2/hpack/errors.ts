/**
 * The one error that a received field block can cause.
 *
 * @module
 */

/**
 * What a receiver has to do about a block:
 *
 * - `compression`: the block is malformed; the two dynamic tables
 *   are out of step from here on, so the connection ends with
 *   COMPRESSION_ERROR (RFC 9113 §4.3).
 * - `bomb`: the block expands to so much that decoding was given up; for the
 *   connection that means the same.
 * - `tooLarge`: the block is well-formed and has been taken in, but its list
 *   is over our SETTINGS_MAX_HEADER_LIST_SIZE; only its stream need end.
 */
export type HpackErrorCode = "compression" | "bomb" | "tooLarge";

/** A received field block cannot be used; `code` says how far the harm goes. */
export class HpackError extends Error {
  /** How far the harm goes. */
  readonly code: HpackErrorCode;

  /**
   * An error for whoever gave the block.
   *
   * @param message Says what is wrong, without any field's value: values can be secrets.
   */
  constructor(code: HpackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HpackError";
    this.code = code;
  }
}

/** The error for a block that breaks RFC 7541; `state` says what was found. */
export function malformed(state: string): HpackError {
  return new HpackError(
    "compression",
    `Cannot decode the field block: ${state}, close the connection`,
  );
}
