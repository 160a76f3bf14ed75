/** The only place where a failure becomes a response, a log line and a count. */
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import type { Logger } from "../../log/log.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import { type Component, errorPage } from "./error_page.ts";
import { ProxyError } from "./errors.ts";

/** Options of {@linkcode respondToErrors}. */
export interface ErrorResponseOptions {
  readonly component: Component;
  /** Finds the entry of the error table for anything thrown. */
  readonly toProxyError: (cause: unknown, request: ProxyRequest) => ProxyError;
  readonly metrics: ProxyMetrics;
  readonly log: Logger;
}

/** A handler that never throws: every failure becomes an error page. */
export function respondToErrors(
  handler: Handler,
  { component, toProxyError, metrics, log }: ErrorResponseOptions,
): Handler {
  return async function respond(request, context) {
    const startedAt = performance.now();
    metrics.begin(request.method);
    const response = await responseOf(request, context);
    const duration = performance.now() - startedAt;
    metrics.end(request.method, response.status, duration / 1000);
    if (log.isEnabledFor("debug")) {
      log.debug("request finished", {
        ...describe(request, context),
        status: response.status,
        duration: `${duration.toFixed(1)}ms`,
      });
    }
    return response;
  };

  async function responseOf(
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
      log[level]("request failed", {
        ...describe(request, context),
        status: error.status,
        reason: error.reason,
        error: error.message,
      });
      return errorPage(error, component);
    }
  }
}

function describe(
  { method, authority }: ProxyRequest,
  { id, user, job }: ExchangeContext,
): Record<string, unknown> {
  return {
    id,
    method,
    host: authority,
    // Most requests are of no job, and of the user that runs the tunnel.
    ...job !== undefined && { user, job },
  };
}
