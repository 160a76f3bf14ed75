/**
 * The one place where what went wrong becomes an answer, a log line and a
 * number.
 *
 * @module
 */
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import type { Logger } from "../../log/log.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import { errorPage } from "./error_page.ts";
import { ProxyError } from "./errors.ts";

/** How failures are told. */
export interface AnswerErrorsOptions {
  /** Which proxy speaks: `sallyport client` or `sallyport server`. */
  readonly speaker: string;
  /** From anything thrown to the table of failures. */
  readonly toProxyError: (cause: unknown, request: ProxyRequest) => ProxyError;
  readonly metrics: ProxyMetrics;
  readonly log: Logger;
}

/** A handler that never throws: every failure is an error page. */
export function answerErrors(
  handler: Handler,
  { speaker, toProxyError, metrics, log }: AnswerErrorsOptions,
): Handler {
  return async function answering(request, context) {
    const startedAt = performance.now();
    metrics.begin(request.method);
    const response = await answerOf(request, context);
    const duration = performance.now() - startedAt;
    metrics.end(request.method, response.status, duration / 1000);
    if (log.isEnabledFor("debug")) {
      log.debug("exchange", {
        ...describe(request, context),
        status: response.status,
        duration: `${duration.toFixed(1)}ms`,
      });
    }
    return response;
  };

  async function answerOf(
    request: ProxyRequest,
    context: ExchangeContext,
  ): Promise<ProxyResponse> {
    try {
      return await handler(request, context);
    } catch (cause) {
      const error = context.signal.aborted
        ? new ProxyError("aborted", request.authority)
        : toProxyError(cause, request);
      metrics.fail(error.reason);
      const level = error.code === "aborted" ? "debug" : "info";
      log[level]("cannot carry out exchange", {
        ...describe(request, context),
        status: error.status,
        reason: error.reason,
        error: error.message,
      });
      return errorPage(error, speaker);
    }
  }
}

function describe(
  { method, authority }: ProxyRequest,
  { id }: ExchangeContext,
): Record<string, unknown> {
  return { id, method, host: authority };
}
