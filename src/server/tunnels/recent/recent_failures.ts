// The latest failed exchanges of a tunnel, for its owner: host and reason, without
// path and query, which may contain secrets.
import type { ProxyRequest, ProxyResponse } from "../../../http/exchange.ts";
import { statusText } from "../../../http/status_text.ts";
import type { ProxyError } from "../../../proxy/errors/errors.ts";
import { FailureGroups } from "./failure_groups.ts";

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
  /** The same, and what sites did wrong, grouped. */
  readonly groups: FailureGroups;
  readonly #now: () => number;
  #kept: readonly ExchangeFailure[] = [];

  /**
   * @param now Milliseconds since 1970.
   * @param withPaths Whether the groups have paths.
   */
  constructor(now: () => number, withPaths = true) {
    this.#now = now;
    this.groups = new FailureGroups(now, withPaths);
  }

  /** The failures, newest first. */
  list(): readonly ExchangeFailure[] {
    return this.#kept;
  }

  /** Notes that an exchange failed at the server. */
  note(
    request: ProxyRequest,
    { status, reason, message }: ProxyError,
    job?: string,
  ): void {
    this.#add(request, { status, reason });
    this.groups.add(request, { status, reason, sentence: message, job });
  }

  /** Notes an error response: of the client, or of a site, which is only grouped. */
  noteResponse(
    request: ProxyRequest,
    { status, fields }: ProxyResponse,
    job?: string,
  ): void {
    if (status < 400) return;
    const words = fields.get("x-sallyport-error");
    if (words === undefined) {
      const text = statusText(status);
      return this.groups.add(request, {
        ...{ reason: "site_status", status, job },
        sentence: `The site responded with ${`${status} ${text}`.trimEnd()}`,
      });
    }
    const [start = "", reason] = REASON.exec(words) ?? [];
    if (reason === undefined) return;
    this.#add(request, { status, reason });
    const sentence = words.slice(start.length);
    this.groups.add(request, { status, reason, sentence, job });
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
