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
  /** An upstream proxy does not accept our login. */
  | "credentials"
  /** An upstream proxy speaks another protocol than it was configured with. */
  | "protocol"
  | "aborted"
  | "failed";

/** Options of {@linkcode DialError}. */
export interface DialErrorOptions extends ErrorOptions {
  /** What went wrong and what to do, without the host: text for a colon before it. Default the whole message. */
  readonly why?: string;
  /** Whether the upstream proxy failed, and not what is behind it. Default `false`. */
  readonly isOfProxy?: boolean;
}

/** A connection that could not be made. */
export class DialError extends Error {
  /** Always `DialError`. */
  override readonly name = "DialError";
  /** What went wrong. */
  readonly code: DialErrorCode;
  /** What went wrong and what to do, for a sentence that names the host itself. */
  readonly why: string;
  /** Whether the upstream proxy failed, and not what is behind it. */
  readonly isOfProxy: boolean;

  constructor(
    code: DialErrorCode,
    message: string,
    { why = message, isOfProxy = false, ...options }: DialErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.why = why;
    this.isOfProxy = isOfProxy;
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
  const message = `Cannot connect to "${where}": ${why}`;
  return new DialError(code, message, { cause, why });
}

type Classified = readonly [code: DialErrorCode, why: string];

const ABORTED: Classified = ["aborted", "the attempt was given up"];
const TIMED_OUT: Classified = ["timedOut", "no response in time"];
const NOT_TLS: Classified = ["notTls", "that port does not speak TLS"];

/** The words of Deno's TLS, the same on every system; tests hold them. */
const UNTRUSTED = "invalid peer certificate";

function classify(cause: unknown): Classified {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DOMException) {
    return cause.name === "TimeoutError" ? TIMED_OUT : ABORTED;
  }
  if (cause instanceof Deno.errors.TimedOut) return TIMED_OUT;
  if (cause instanceof Deno.errors.ConnectionRefused) {
    return ["refused", "connection refused"];
  }
  if (
    cause instanceof Deno.errors.ConnectionReset ||
    cause instanceof Deno.errors.BrokenPipe
  ) {
    return ["failed", "it closed the connection at once"];
  }
  if (isUnreachable(cause)) return ["unreachable", text];
  if (cause instanceof Deno.errors.InvalidData) return tlsFailure(text);
  if (cause instanceof Deno.errors.UnexpectedEof) {
    return ["tls", "closed during the TLS handshake"];
  }
  return nodeTlsFailure(cause, text) ?? ["failed", text];
}

/** All failures of Deno's own TLS have one class and no code: only the text differs. */
function tlsFailure(text: string): Classified {
  if (text.startsWith(UNTRUSTED)) return ["certificate", text];
  // A server without TLS responds with something that is not a TLS record (RFC 8446 §5.1).
  return text.includes("InvalidContentType") ? NOT_TLS : ["tls", text];
}

/** What Node's TLS says about a certificate, besides `CERT_…`. */
const NODE_UNTRUSTED: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Node's TLS gives codes. */
function nodeTlsFailure(cause: unknown, text: string): Classified | undefined {
  const code = codeOf(cause);
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return NOT_TLS;
  if (NODE_UNTRUSTED.has(code) || code.startsWith("CERT_")) {
    return ["certificate", text];
  }
  return code.startsWith("ERR_SSL_") ? ["tls", text] : undefined;
}

/** Deno has a class for an unreachable network, but none for an unreachable host. */
function isUnreachable(cause: unknown): boolean {
  return cause instanceof Deno.errors.NetworkUnreachable ||
    codeOf(cause) === "EHOSTUNREACH";
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
