import type { RequestFailure } from "../../proxy/errors/error_responses.ts";

/** Failures that have a line of their own. Each has a host and a path, which browsers choose. */
const MAX_KINDS = 1_000;
/** Lines of a summary, as many as a screen has. */
const MAX_LINES = 20;
/** The most of a path that is kept, in characters. */
const MAX_PATH = 200;

/** Requests that failed alike. */
interface FailureKind {
  readonly text: string;
  count: number;
}

/** Counts failed requests, for a summary in the end. */
export class FailureSummary {
  readonly #kinds = new Map<string, FailureKind>();
  #total = 0;
  #untold = 0;

  /** Counts a failure. */
  add(failed: RequestFailure): void {
    this.#total += 1;
    const text = textOf(failed);
    const known = this.#kinds.get(text);
    if (known !== undefined) known.count += 1;
    else if (this.#kinds.size < MAX_KINDS) {
      this.#kinds.set(text, { text, count: 1 });
    } else this.#untold += 1;
  }

  /** The summary, line by line, the most frequent failures first. Empty if nothing has failed. */
  lines(): readonly string[] {
    if (this.#total === 0) return [];
    const kinds = [...this.#kinds.values()]
      .toSorted((a, b) => b.count - a.count);
    const shown = kinds.slice(0, MAX_LINES);
    const width = String(shown[0]?.count ?? 0).length;
    const hidden = kinds.slice(MAX_LINES)
      .reduce((sum, { count }) => sum + count, this.#untold);
    return [
      `${requests(this.#total)} failed in the tunnel`,
      ...shown.map(({ text, count }) =>
        `${String(count).padStart(width)} × ${text}`
      ),
      ...hidden === 0 ? [] : [`and ${requests(hidden)} with other failures`],
    ];
  }
}

function requests(count: number): string {
  return `${count} ${count === 1 ? "request" : "requests"}`;
}

/** `GET intranet.test/a, fault of the site: Cannot connect …` */
function textOf(
  { method, host, path = "", message, party }: RequestFailure,
): string {
  const shortened = path.length > MAX_PATH
    ? `${path.slice(0, MAX_PATH)}…`
    : path;
  return `${method} ${host}${shortened} [${party}] ${message}`;
}
