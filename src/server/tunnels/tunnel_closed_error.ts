/**
 * Why a tunnel does not take a session.
 *
 * @module
 */

/** A session came for a tunnel that takes no more. */
export class TunnelClosedError extends Error {
  override readonly name = "TunnelClosedError";
  /** `ended`: never again; `full`: when another session has gone. */
  readonly code: "ended" | "full";

  constructor(code: "ended" | "full", message: string) {
    super(message);
    this.code = code;
  }
}
