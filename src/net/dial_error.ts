/**
 * Why a connection could not be made: socket errors, translated once.
 *
 * @module
 */

/** What went wrong on the way to a host. */
export type DialErrorCode =
  | "nameNotFound"
  | "refused"
  | "unreachable"
  | "timedOut"
  | "certificate"
  | "tls"
  | "aborted"
  | "failed";

/** A connection that could not be made. */
export class DialError extends Error {
  /** Always `DialError`. */
  override readonly name = "DialError";
  /** What went wrong. */
  readonly code: DialErrorCode;

  constructor(code: DialErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether another attempt may help: the far side was not there, rather than wrong. */
  get retryable(): boolean {
    return this.code === "refused" || this.code === "unreachable" ||
      this.code === "timedOut";
  }
}

/** Gives a socket's error its code; `where` is `host:port`. */
export function dialErrorOf(cause: unknown, where: string): DialError {
  if (cause instanceof DialError) return cause;
  const [code, why] = classify(cause);
  return new DialError(code, `Cannot connect to "${where}": ${why}`, { cause });
}

function classify(cause: unknown): [DialErrorCode, string] {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return ["timedOut", "no answer in time"];
  }
  if (cause instanceof DOMException) {
    return ["aborted", "the attempt was given up"];
  }
  if (cause instanceof Deno.errors.ConnectionRefused) {
    return ["refused", "connection refused"];
  }
  if (cause instanceof Deno.errors.TimedOut) {
    return ["timedOut", "no answer in time"];
  }
  if (/invalid peer certificate|certificate/i.test(text)) {
    return ["certificate", text];
  }
  if (cause instanceof Deno.errors.InvalidData) return ["tls", text];
  if (/unreachable|os error (101|113|10051|10065)/i.test(text)) {
    return ["unreachable", text];
  }
  if (cause instanceof Deno.errors.UnexpectedEof) {
    return ["tls", "closed during the TLS handshake"];
  }
  return ["failed", text];
}
