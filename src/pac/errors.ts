/** A PAC script is broken, or fails. The message says how. */
export class PacError extends Error {
  /** Always `PacError`. */
  override readonly name = "PacError";
}
