/**
 * What the receiver of a block has to do:
 *
 * - `compression`: the block is malformed. The two dynamic tables are out of
 *   step, so the connection ends with COMPRESSION_ERROR (RFC 9113 §4.3).
 * - `bomb`: the block expands to so much that decoding stopped. The connection
 *   ends, too.
 * - `tooLarge`: the block is well-formed and was decoded, but its list exceeds
 *   our SETTINGS_MAX_HEADER_LIST_SIZE. Only its stream ends.
 */
export type HpackErrorCode = "compression" | "bomb" | "tooLarge";

/** A received field block that cannot be used; `code` says how much ends. */
export class HpackError extends Error {
  /** How much ends. */
  readonly code: HpackErrorCode;

  /**
   * @param message What is wrong, without the value of any field: values can be
   * secrets.
   */
  constructor(code: HpackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HpackError";
    this.code = code;
  }
}

/** The error for a block that breaks RFC 7541; `state` says what was found. */
export function malformedBlock(state: string): HpackError {
  return new HpackError(
    "compression",
    `Cannot decode the field block: ${state}, close the connection`,
  );
}
