/**
 * What is wrong with a PAC script.
 *
 * @module
 */

/** A PAC script is broken, or fails; the message says how. */
export class PacError extends Error {
  /** Always `PacError`. */
  override readonly name = "PacError";
}
