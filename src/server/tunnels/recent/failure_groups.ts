// Why the requests of a tunnel fail, for the people who run it: failures that
// have the same sentence and the same host are one, with a count.
import type { ProxyRequest } from "../../../http/exchange.ts";

/** Groups kept for each tunnel. One that fails again is the newest; the oldest makes room. At most 60 KB. */
export const MAX_GROUPS = 50;
/** Characters that are kept; real ones are shorter. */
const MAX_HOST = 260;
const MAX_PATH = 200;
const MAX_SENTENCE = 400;

/** What a request failed of. */
export interface FailureCause {
  /** A word: that of `X-Sallyport-Error`, or `site_status`, `site_cut`, `site_slow`. */
  readonly reason: string;
  /** What is wrong, without a full stop. */
  readonly sentence: string;
  /** The status that the browser received; `undefined` if it received none. */
  readonly status: number | undefined;
  /** The test job, if there is one. */
  readonly job?: string | undefined;
}

/** Failures with one sentence, at one host. */
export interface FailureGroup extends FailureCause {
  /** `host` or `host:port`. */
  readonly host: string;
  /** Of the last one, without the query; `undefined` of a CONNECT, and where paths are not kept. */
  readonly path: string | undefined;
  readonly count: number;
  /** Milliseconds since 1970, as `last`. */
  readonly first: number;
  readonly last: number;
}

/** Groups failures. */
export class FailureGroups {
  readonly #now: () => number;
  readonly #withPaths: boolean;
  /** The one that failed last is the last. */
  readonly #groups = new Map<string, FailureGroup>();

  /**
   * @param now Milliseconds since 1970.
   * @param withPaths Whether paths are kept, besides hosts.
   */
  constructor(now: () => number, withPaths = true) {
    this.#now = now;
    this.#withPaths = withPaths;
  }

  /** The groups, the one that failed last first. */
  list(): readonly FailureGroup[] {
    return [...this.#groups.values()].reverse();
  }

  /** Adds a failure. */
  add(request: ProxyRequest, cause: FailureCause): void {
    this.#add({
      ...cause,
      host: request.authority.slice(0, MAX_HOST),
      path: this.#withPaths ? pathWithoutQuery(request) : undefined,
    });
  }

  /** Adds one that is not about a host: a login. Nothing of the request of a stranger is kept. */
  addLogin(cause: FailureCause): void {
    this.#add({ ...cause, host: "", path: undefined });
  }

  #add(
    { sentence: text, ...failure }: Omit<
      FailureGroup,
      "count" | "first" | "last"
    >,
  ): void {
    const sentence = text.slice(0, MAX_SENTENCE);
    const key = `${failure.reason}\n${failure.host}\n${sentence}`;
    const last = this.#now();
    const { count = 0, first = last } = this.#groups.get(key) ?? {};
    this.#groups.delete(key);
    this.#groups.set(key, {
      ...{ ...failure, sentence, first, last },
      count: count + 1,
    });
    if (this.#groups.size <= MAX_GROUPS) return;
    const [oldest = ""] = this.#groups.keys();
    this.#groups.delete(oldest);
  }
}

/** The path without its query, which may have secrets. */
export function pathWithoutQuery(request: ProxyRequest): string | undefined {
  if (request.kind === "connect") return undefined;
  const [path = ""] = request.path.split("?", 1);
  return path.slice(0, MAX_PATH);
}
