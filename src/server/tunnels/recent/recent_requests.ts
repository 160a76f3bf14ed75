// The latest requests of a tunnel, without fields, content and queries. They are
// kept in memory only.
import type { ProxyRequest, ProxyResponse } from "../../../http/exchange.ts";
import { pathWithoutQuery } from "./failure_groups.ts";

/** Requests kept for each tunnel by default: less than 60 KB. */
export const DEFAULT_REQUESTS = 100;
/** A site that takes longer is slow, in milliseconds: people notice, and tests have limits. */
export const SLOW_AFTER = 3_000;
/** Characters that are kept; real ones are shorter. */
const MAX_METHOD = 32;
const MAX_HOST = 260;

/** Whose a request is, and the way it went. */
export interface RequestOrigin {
  readonly user: string | undefined;
  readonly job: string | undefined;
  /** Id of the session that carries it. */
  readonly session: string;
}

/** A request, as far as it has come. Times are in milliseconds. */
export class RecentRequest implements RequestOrigin {
  readonly method: string;
  /** `host` or `host:port`. */
  readonly host: string;
  /** Without the query; `undefined` of a CONNECT. */
  readonly path: string | undefined;
  readonly user: string | undefined;
  readonly job: string | undefined;
  readonly session: string;
  /** When it went to the client, since 1970. */
  readonly at: number;
  /** Bytes of content, as the browser declared them. */
  readonly sent: number | undefined;
  #received: number | undefined;
  #status: number | undefined;
  #firstByteAfter: number | undefined;
  #endAfter: number | undefined;
  #isCut = false;
  readonly #now: () => number;

  constructor(
    request: ProxyRequest,
    { user, job, session }: RequestOrigin,
    now: () => number,
  ) {
    this.method = request.method.slice(0, MAX_METHOD);
    this.host = request.authority.slice(0, MAX_HOST);
    this.path = pathWithoutQuery(request);
    this.user = user;
    this.job = job;
    this.session = session;
    this.sent = request.kind === "request" ? request.body?.length : undefined;
    this.#now = now;
    this.at = now();
  }

  /** `undefined` until there is a response. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Bytes of content, as the response declares them. */
  get received(): number | undefined {
    return this.#received;
  }

  /** Until the response began; `undefined` before. */
  get firstByteAfter(): number | undefined {
    return this.#firstByteAfter;
  }

  /** Until its end; `undefined` before. */
  get endAfter(): number | undefined {
    return this.#endAfter;
  }

  /** Whether the response was cut short from the client's side. */
  get isCut(): boolean {
    return this.#isCut && this.#status !== undefined;
  }

  /** Notes the response. */
  respond(response: ProxyResponse): void {
    this.#status = response.status;
    this.#firstByteAfter = this.#now() - this.at;
    if (response.kind === "response") this.#received = response.body?.length;
  }

  /** Notes the end. Only the first call counts. */
  end(isCut: boolean): void {
    if (this.#endAfter !== undefined) return;
    this.#endAfter = this.#now() - this.at;
    this.#isCut = isCut;
  }
}

/** Keeps the latest requests. */
export class RecentRequests {
  readonly #now: () => number;
  readonly #max: number;
  /** A ring: the next one replaces the oldest. */
  readonly #kept: RecentRequest[] = [];
  #next = 0;

  /**
   * @param now Milliseconds since 1970.
   * @param max How many are kept, at least 1.
   */
  constructor(now: () => number, max: number = DEFAULT_REQUESTS) {
    this.#now = now;
    this.#max = max;
  }

  /** The requests, newest first. */
  list(): readonly RecentRequest[] {
    return [
      ...this.#kept.slice(this.#next),
      ...this.#kept.slice(0, this.#next),
    ].reverse();
  }

  /** Adds a request that goes to the client now. */
  begin(request: ProxyRequest, origin: RequestOrigin): RecentRequest {
    const entry = new RecentRequest(request, origin, this.#now);
    this.#kept[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#max;
    return entry;
  }
}
