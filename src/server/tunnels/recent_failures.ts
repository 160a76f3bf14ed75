/**
 * The last exchanges of a tunnel that failed, for its owner to look at: which
 * host and why, without paths and queries, in which secrets may stand.
 *
 * @module
 */
import type { ProxyRequest, ProxyResponse } from "../../http/exchange.ts";
import type { ProxyError } from "../../proxy/errors/errors.ts";

/** Failures that are kept of each tunnel: a screenful, less than 20 KB. */
export const MAX_FAILURES = 20;
/** So much of a method and of a host is kept, in characters; longer ones are no real ones. */
const MAX_METHOD = 32;
const MAX_HOST = 260;
/** How the client says that an answer is its own, and what went wrong. */
const REASON = /^([a-z_]{1,40}) /;

/** An exchange that failed. */
export interface ExchangeFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** `host` or `host:port`. */
  readonly host: string;
  /** What the browser got. */
  readonly status: number;
  /** The word that the metric counts it under. */
  readonly reason: string;
}

/** Keeps the last ones. */
export class RecentFailures {
  readonly #now: () => number;
  #kept: readonly ExchangeFailure[] = [];

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The failures, the last one first. */
  list(): readonly ExchangeFailure[] {
    return this.#kept;
  }

  /** Notes that an exchange failed at the server. */
  note(request: ProxyRequest, { status, reason }: ProxyError): void {
    this.#add(request, { status, reason });
  }

  /** Notes that an exchange failed at the client, if this is how it says so. */
  noteResponse(request: ProxyRequest, { status, fields }: ProxyResponse): void {
    if (status < 400) return;
    const words = fields.get("x-sallyport-error") ?? "";
    const [, reason] = REASON.exec(words) ?? [];
    if (reason !== undefined) this.#add(request, { status, reason });
  }

  #add(
    { method, authority }: ProxyRequest,
    how: Pick<ExchangeFailure, "status" | "reason">,
  ): void {
    const failure = {
      at: this.#now(),
      method: method.slice(0, MAX_METHOD),
      host: authority.slice(0, MAX_HOST),
      ...how,
    };
    this.#kept = [failure, ...this.#kept].slice(0, MAX_FAILURES);
  }
}
