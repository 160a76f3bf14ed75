/** A WebSocket that cannot go on. The message is the reason for its close frame. */
export class WebSocketError extends Error {
  override readonly name = "WebSocketError";
  /** The code of the close frame (RFC 6455 §7.4.1). */
  readonly code: number;

  /** @param message What is wrong, in a few words: at most {@linkcode MAX_REASON} bytes are sent. */
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Codes of close frames that we send (RFC 6455 §7.4.1). */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  invalidText: 1007,
  tooBig: 1009,
  internalError: 1011,
  /** Try again later: not in RFC 6455, but registered with IANA. */
  tryAgainLater: 1013,
} as const;

/** The peer breaks the rules of RFC 6455. */
export function protocolError(why: string): WebSocketError {
  return new WebSocketError(CloseCode.protocolError, why);
}
