// The latest failed exchanges of a tunnel, for its owner: host and reason, without
// path and query, which may contain secrets.
import type { ProxyRequest, ProxyResponse } from "../../http/exchange.ts";
import type { ProxyError } from "../../proxy/errors/errors.ts";

/** Failures kept for each tunnel: a screenful, less than 20 KB. */
export const MAX_FAILURES = 20;
/** Characters of a method and of a host that are kept; real ones are shorter. */
const MAX_METHOD = 32;
const MAX_HOST = 260;
/** The field by which the client marks an error response of its own: a reason, then text. */
const REASON = /^([a-z_]{1,40}) /;

/** An exchange that failed. */
export interface ExchangeFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** `host` or `host:port`. */
  readonly host: string;
  /** The status that the browser received. */
  readonly status: number;
  /** The reason, as in the metric. */
  readonly reason: string;
}

/** Keeps the latest failures. */
export class RecentFailures {
  readonly #now: () => number;
  #kept: readonly ExchangeFailure[] = [];

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The failures, newest first. */
  list(): readonly ExchangeFailure[] {
    return this.#kept;
  }

  /** Notes that an exchange failed at the server. */
  note(request: ProxyRequest, { status, reason }: ProxyError): void {
    this.#add(request, { status, reason });
  }

  /** Notes an error response of the client; other responses are ignored. */
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
