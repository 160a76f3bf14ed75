/**
 * Where the response to a request of ours arrives: any number of interim ones,
 * then the final one (RFC 9113 §8.1).
 *
 * @module
 */
import type { Http2Response } from "../api.ts";
import { ErrorCode, streamError } from "../errors.ts";
import {
  checkResponse,
  hasNoContent,
  isInterim,
} from "./message_validation.ts";

/** Interim responses to one request: progress every few seconds for hours, but not a flood. */
const MAX_INTERIM = 1000;

/** Awaits one response. */
export class PendingResponse {
  readonly #method: string;
  readonly #final: PromiseWithResolvers<Http2Response> = Promise
    .withResolvers();
  #isPending = true;
  #interim = 0;

  /** @param method Of the request: it decides what content the response can have. */
  constructor(method: string) {
    this.#method = method;
    // Whoever does not look at the response learns of a failure by reading or writing.
    this.#final.promise.catch(() => {});
  }

  /** The final response. */
  get response(): Promise<Http2Response> {
    return this.#final.promise;
  }

  /** Whether the final response has not come yet. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /**
   * Takes the fields of a response.
   *
   * @returns How many bytes of content are announced; `"interim"` when another response follows.
   * @throws {Http2Error} Of the stream, for a malformed response.
   */
  receive(
    fields: readonly string[],
    endStream: boolean,
  ): { readonly contentLength: number | undefined } | "interim" {
    const { status, contentLength } = checkResponse(fields);
    if (isInterim(status)) {
      if (++this.#interim > MAX_INTERIM) throw tooManyInterim();
      if (!endStream) return "interim";
      throw streamError(
        ErrorCode.PROTOCOL_ERROR,
        "Cannot take an interim response with END_STREAM",
      );
    }
    this.#isPending = false;
    if (this.#method === "CONNECT" && status < 300) {
      return { contentLength: undefined };
    }
    const isEmpty = hasNoContent(this.#method, status);
    return { contentLength: isEmpty ? 0 : contentLength };
  }

  /** Gives the final response to whoever waits. */
  resolve(response: Http2Response): void {
    this.#final.resolve(response);
  }

  /** There will be no response. */
  fail(error: Error): void {
    this.#final.reject(error);
  }
}

function tooManyInterim(): Error {
  return streamError(
    ErrorCode.ENHANCE_YOUR_CALM,
    `Cannot take more than ${MAX_INTERIM} interim responses`,
    { limit: "interimResponses" },
  );
}
