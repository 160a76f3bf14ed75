/** Why a host could not be reached. */
export type DialErrorCode =
  | "nameNotFound"
  | "nameServerFailed"
  | "refused"
  | "unreachable"
  | "timedOut"
  | "certificate"
  | "notTls"
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

/**
 * Gives a socket's error its code.
 *
 * @param where `host:port`.
 * @param signal When it is aborted, that is why; whatever the error says.
 */
export function dialErrorOf(
  cause: unknown,
  where: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): DialError {
  if (cause instanceof DialError) return cause;
  const [code, why] = signal?.aborted ? ABORTED : classify(cause);
  return new DialError(code, `Cannot connect to "${where}": ${why}`, { cause });
}

type Classified = readonly [code: DialErrorCode, why: string];

const ABORTED: Classified = ["aborted", "the attempt was given up"];
const TIMED_OUT: Classified = ["timedOut", "no response in time"];

function classify(cause: unknown): Classified {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DOMException) {
    return cause.name === "TimeoutError" ? TIMED_OUT : ABORTED;
  }
  if (cause instanceof Deno.errors.TimedOut) return TIMED_OUT;
  if (cause instanceof Deno.errors.ConnectionRefused) {
    return ["refused", "connection refused"];
  }
  if (isUnreachable(cause)) return ["unreachable", text];
  // All TLS failures have the same class: only the text differs.
  if (text.startsWith("invalid peer certificate")) return ["certificate", text];
  // A server without TLS responds with something that is not a TLS record (RFC 8446 §5.1).
  if (text.includes("InvalidContentType")) {
    return ["notTls", "that port does not speak TLS"];
  }
  if (cause instanceof Deno.errors.InvalidData) return ["tls", text];
  if (cause instanceof Deno.errors.UnexpectedEof) {
    return ["tls", "closed during the TLS handshake"];
  }
  return ["failed", text];
}

/** Deno has a class for an unreachable network, but none for an unreachable host. */
function isUnreachable(cause: unknown): boolean {
  return cause instanceof Deno.errors.NetworkUnreachable ||
    cause instanceof Error && "code" in cause && cause.code === "EHOSTUNREACH";
}
