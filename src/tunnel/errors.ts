/** What went wrong with a session. */
export type TunnelErrorCode =
  /** The server did not accept the token, or the tunnel has ended. */
  | "refused"
  /** The two ends speak different versions of the protocol. */
  | "versionMismatch"
  /** The peer is not a Sallyport server. */
  | "notSallyport"
  /** The connection ended in the middle. */
  | "lost"
  /** The session runs as many exchanges as the client allows. */
  | "full"
  /** The client ended this one exchange on purpose, without a response. */
  | "aborted"
  /** The other end ended this one exchange. */
  | "reset";

/** A session, or one exchange on it, failed. */
export class TunnelError extends Error {
  /** Always `TunnelError`. */
  override readonly name = "TunnelError";
  /** What went wrong. */
  readonly code: TunnelErrorCode;
  /** Whether the same may work when tried again. */
  readonly retryable: boolean;
  /** Whether nothing of the request was sent, and none of its content read. */
  readonly isUnsent: boolean;

  constructor(
    code: TunnelErrorCode,
    message: string,
    { retryable = false, isUnsent = false, cause }: {
      readonly retryable?: boolean;
      readonly isUnsent?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
    this.isUnsent = isUnsent;
  }
}
