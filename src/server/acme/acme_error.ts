/** What an ACME server objects to (RFC 8555 §6.7), and failures on the way to it. */

/** More of a CA's text than this is cut, in characters. */
const MAX_DETAIL = 300;

/** Facts of an {@linkcode AcmeError}. */
export interface AcmeErrorOptions {
  /** The last part of its type: `rateLimited`. */
  readonly kind?: string | undefined;
  /** When to come back, in milliseconds from now, if the CA has said so. */
  readonly retryAfter?: number | undefined;
  /** The name that could not be checked. */
  readonly domain?: string | undefined;
  readonly cause?: unknown;
}

/** A certificate was not issued; the message says why. */
export class AcmeError extends Error {
  /** Always `AcmeError`. */
  override readonly name = "AcmeError";
  readonly kind: string | undefined;
  readonly retryAfter: number | undefined;
  readonly domain: string | undefined;

  constructor(
    message: string,
    { kind, retryAfter, domain, cause }: AcmeErrorOptions = {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.retryAfter = retryAfter;
    this.domain = domain;
  }
}

/** The kind of a problem: the last part of its URN. */
export function kindOf(type: string | undefined): string | undefined {
  return type?.split(":").at(-1);
}

/** What a CA says, on one line and of limited length. */
export function said(detail: string | undefined): string {
  const text = (detail ?? "").replace(/\s+/g, " ").trim().replace(/\.$/, "");
  if (text === "") return "it gave no reason";
  return text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text;
}
