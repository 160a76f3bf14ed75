/* A request that a plugin sends itself, and its outcome, as data that can cross to a worker and back. */
import type { ByteSource } from "../results/outcomes.ts";

/** A request of a plugin. */
export interface FetchData {
  readonly method: string;
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** In a buffer of its own; `undefined` without content. */
  readonly body: Uint8Array | undefined;
}

/** A response. */
export interface FetchedResponse {
  readonly kind: "response";
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** `undefined` without content. */
  readonly body: ByteSource | undefined;
}

/** Why there is no response. */
export interface FailedFetch {
  readonly kind: "failure";
  /** As `proxy_errors_total` counts it: `name_not_found`, `denied_localhost`. */
  readonly reason: string;
  /** A sentence that names who failed, and what to do. */
  readonly message: string;
}

/** What became of a request of a plugin. */
export type FetchOutcome = FetchedResponse | FailedFetch;

/**
 * Sends one request of a plugin. It follows no redirects, and rejects only
 * when it is aborted.
 *
 * @param exchangeId The exchange that it is for, if there is one.
 */
export type SendFetch = (
  request: FetchData,
  signal: AbortSignal,
  exchangeId: string | undefined,
) => Promise<FetchOutcome>;
