import { timer } from "../../async/timer.ts";
import type {
  ExchangeContext,
  PlainRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { isIdempotent } from "../../http/methods.ts";
import { Http1Error } from "../../http1/errors.ts";
import type { Http2ClientStream } from "../../http2/api.ts";
import { ErrorCode, Http2Error } from "../../http2/errors.ts";
import {
  encodeHttp2Request,
  HTTP2_MESSAGES,
} from "../../http_server/http2_messages.ts";
import { sendOnStream } from "../../http_server/send_stream.ts";
import type { Http2Site } from "./http2_connections.ts";

/** How long content waits for a 100 before it is sent anyway (RFC 9110 §10.1.1), in milliseconds. */
const CONTINUE_TIMEOUT = 1_000;

/** Options of {@linkcode sendHttp2}. */
export interface SendHttp2Options {
  /** From the end of the request to the response, in milliseconds; 0 means no limit. */
  readonly responseHeaderTimeout: number;
  /** Whether the connection had a request before, so that the site may have closed it. */
  readonly reused: boolean;
}

/**
 * Sends a request to its site over HTTP/2, and gives the response as
 * `sendHttp1` does. The caller reads its body to the end or cancels it. The
 * place of the request at `site` is released.
 *
 * @throws {Http1Error} When the connection or the response fails. It is
 * `retryable` where the site has not seen the request, or may see it twice.
 * @throws The signal's reason when it is aborted; what the request's body throws.
 */
export async function sendHttp2(
  site: Http2Site,
  request: PlainRequest,
  context: ExchangeContext,
  options: SendHttp2Options,
): Promise<ProxyResponse> {
  let stream: Http2ClientStream | undefined;
  let timeout: Disposable | undefined;
  let hasTimedOut = false;
  let isOver = false;
  try {
    stream = await site.client.request(encodeHttp2Request(request), {
      endStream: request.body === undefined,
      signal: context.signal,
    });
    const opened = stream;
    void opened.closed.then(() => site.release());
    return await sendOnStream(stream, request, {
      codec: HTTP2_MESSAGES,
      inform: context.inform,
      continueTimeout: CONTINUE_TIMEOUT,
      onSent() {
        // The response may have come before the end of the request.
        if (options.responseHeaderTimeout === 0 || isOver) return;
        timeout = timer(options.responseHeaderTimeout, () => {
          hasTimedOut = true;
          opened.reset(ErrorCode.CANCEL);
        });
      },
    });
  } catch (cause) {
    if (stream === undefined) site.release();
    if (context.signal.aborted) throw context.signal.reason;
    if (hasTimedOut) throw timedOut();
    if (!(cause instanceof Http2Error)) throw cause;
    if (isOfBody(cause)) throw cause.cause;
    if (stream === undefined && cause.limit === "fieldSection") {
      throw new Http1Error("malformed", cause.message, { cause });
    }
    if (cause.retryable) site.giveUp();
    const isUnread = stream === undefined || request.body === undefined;
    throw originError(cause, isUnread && mayRepeat(cause, request, options));
  } finally {
    isOver = true;
    timeout?.[Symbol.dispose]();
  }
}

/** Whether the body of the request has failed: that has reset the stream. */
function isOfBody({ code, initiator, cause }: Http2Error): boolean {
  return code === ErrorCode.INTERNAL_ERROR && initiator === "local" &&
    cause !== undefined;
}

/** Whether the site wants the request in HTTP/1.1 (RFC 9113 §7). */
export function wantsHttp1(error: Http1Error): boolean {
  return error.cause instanceof Http2Error &&
    error.cause.code === ErrorCode.HTTP_1_1_REQUIRED;
}

/** Whether a second attempt does no harm (RFC 9113 §8.7, RFC 9110 §9.2.2). */
function mayRepeat(
  { code, retryable, initiator }: Http2Error,
  { method }: PlainRequest,
  { reused }: SendHttp2Options,
): boolean {
  if (retryable || code === ErrorCode.HTTP_1_1_REQUIRED) return true;
  return initiator === "transport" && reused && isIdempotent(method);
}

/** The failure as HTTP/1.1 would have it. */
function originError(cause: Http2Error, retryable: boolean): Http1Error {
  const code = retryable
    ? "staleConnection"
    : cause.initiator === "local"
    ? "malformed"
    : "cutShort";
  return new Http1Error(code, cause.message, {
    ...{ cause, from: "origin", retryable },
  });
}

function timedOut(): Http1Error {
  return new Http1Error(
    "timeout",
    "Cannot read the response: its header section did not come in time",
    { from: "origin" },
  );
}
