/**
 * Carries out ordinary requests, over connections to origins that are kept.
 *
 * @module
 */
import type {
  ExchangeContext,
  PlainRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { Http1Error } from "../http1/errors.ts";
import { sendHttp1 } from "../http1/send.ts";
import { originOf, type Origins } from "./origin.ts";

/**
 * Sends `request` to its origin.
 *
 * A kept connection may have been closed by the origin at the very moment it
 * was taken; what can be sent again is, once, on a new one.
 *
 * @throws {DialError} When the origin cannot be reached.
 * @throws {Http1Error} When it does not answer in HTTP.
 */
export async function forward(
  request: PlainRequest,
  context: ExchangeContext,
  origins: Origins,
): Promise<ProxyResponse> {
  try {
    return await sendOnce(false);
  } catch (cause) {
    if (!(cause instanceof Http1Error) || !cause.retryable) throw cause;
    return await sendOnce(true);
  }

  async function sendOnce(fresh: boolean): Promise<ProxyResponse> {
    const target = originOf(request);
    const { connection, release } = await origins.pool.acquire(
      origins.keyOf(target),
      () => origins.connect(target, context.signal),
      { fresh },
    );
    return await sendHttp1(connection, request, context, {
      responseHeaderTimeout: origins.responseHeaderTimeout,
      release,
    });
  }
}
