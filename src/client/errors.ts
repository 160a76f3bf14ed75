/** Why a client could not start or go on. */
export type ClientErrorCode =
  /** The server does not know the user or the key. */
  | "unauthorized"
  /** The server refuses this tunnel: a limit, a bad name, an old client. */
  | "refused"
  /** The server cannot be reached, or is not a Sallyport server. */
  | "unreachable"
  /** The sessions are open, but no request passed. */
  | "notWorking"
  /** Another client has started a tunnel of this name. To start again would end that one. */
  | "replaced"
  /** Something else ended the tunnel: it was stopped, or the server dropped it. */
  | "ended"
  /** The signal of the caller ended the start. */
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
