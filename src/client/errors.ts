/**
 * Why a client could not start, or could not go on.
 *
 * @module
 */

/** What happened to the client. */
export type ClientErrorCode =
  /** The server does not know the user or the key. */
  | "unauthorized"
  /** The server does not want this tunnel: a limit, a bad name, an old client. */
  | "refused"
  /** The server cannot be reached, or does not answer as a Sallyport server. */
  | "unreachable"
  /** The sessions are open, but no request came through. */
  | "notWorking"
  /** The tunnel was ended by somebody else: stopped, replaced, or given up by the server. */
  | "ended"
  /** The start was given up by the caller's signal. */
  | "aborted";

/** The client could not start, or the tunnel is gone for good. */
export class ClientError extends Error {
  /** Always `ClientError`. */
  override readonly name = "ClientError";
  /** What happened. */
  readonly code: ClientErrorCode;

  /** Says what happened, and what to do. */
  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
