import type { Http2Response } from "../api.ts";
import { ErrorCode, streamError } from "../errors.ts";
import {
  checkResponse,
  hasNoContent,
  isInterim,
} from "./message_validation.ts";

/** Interim responses to one request: enough for progress every few seconds for hours. */
const MAX_INTERIM = 1000;

/**
 * The response to a request of ours: any number of interim responses, then the
 * final one (RFC 9113 §8.1).
 */
export class PendingResponse {
  readonly #method: string;
  readonly #final: PromiseWithResolvers<Http2Response> = Promise
    .withResolvers();
  #isPending = true;
  #interim = 0;

  /** @param method Of the request; it decides whether the response can have content. */
  constructor(method: string) {
    this.#method = method;
    // Callers that ignore the response see the failure when they read or write.
    this.#final.promise.catch(() => {});
  }

  /** The final response. */
  get response(): Promise<Http2Response> {
    return this.#final.promise;
  }

  /** Whether the final response is still to come. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /**
   * Receives the fields of a response.
   *
   * @returns The length of the content, if known; `"interim"` when another
   * response follows.
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
        "Cannot accept an interim response with END_STREAM",
      );
    }
    this.#isPending = false;
    if (this.#method === "CONNECT" && status < 300) {
      return { contentLength: undefined };
    }
    const isEmpty = hasNoContent(this.#method, status);
    return { contentLength: isEmpty ? 0 : contentLength };
  }

  resolve(response: Http2Response): void {
    this.#final.resolve(response);
  }

  /** Rejects `response`. */
  fail(error: Error): void {
    this.#final.reject(error);
  }
}

function tooManyInterim(): Error {
  return streamError(
    ErrorCode.ENHANCE_YOUR_CALM,
    `Cannot accept more than ${MAX_INTERIM} interim responses`,
    { limit: "interimResponses" },
  );
}
