/** The only place where a failure becomes a response, a log line and a count. */
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { ExchangeAborted } from "../../http/exchange_aborted.ts";
import type { Logger } from "../../log/log.ts";
import { NO_RESPONSE, type ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import { type Component, errorPage } from "./error_page.ts";
import { ProxyError } from "./errors.ts";
import { wantsErrorPage } from "./html_error_page.ts";
import { adviceFor, type FaultyParty } from "./error_advice.ts";

/** A request that got an error page in place of a response. */
export interface RequestFailure {
  readonly method: string;
  /** Host and port, as the browser named them. */
  readonly host: string;
  /** The path without the query, which may be secret; `undefined` of a CONNECT, which has none. */
  readonly path: string | undefined;
  /** What is wrong, and what to do: the first line of the error page. */
  readonly message: string;
  /** Who is at fault. */
  readonly party: FaultyParty;
}

/** Options of {@linkcode respondToErrors}. */
export interface ErrorResponseOptions {
  readonly component: Component;
  /** Finds the entry of the error table for anything thrown. */
  readonly toProxyError: (cause: unknown, request: ProxyRequest) => ProxyError;
  readonly metrics: ProxyMetrics;
  readonly log: Logger;
  /** URL of the page of the tunnel that `cause` is about, for who may see it. Default: none is known. */
  readonly tunnelPageOf?:
    | ((cause: unknown, context: ExchangeContext) => string | undefined)
    | undefined;
  /** Called with each failure, but not with those of browsers that gave up. */
  readonly onFailure?: ((failed: RequestFailure) => void) | undefined;
}

/**
 * A handler whose failures are error pages. It throws only `ExchangeAborted`:
 * then there is to be no response.
 */
export function respondToErrors(
  handler: Handler,
  options: ErrorResponseOptions,
): Handler {
  const { component, toProxyError, metrics, log } = options;
  const { onFailure, tunnelPageOf } = options;
  return async function respond(request, context) {
    const startedAt = performance.now();
    metrics.begin(request.method);
    const response = await responseOf(request, context);
    const duration = performance.now() - startedAt;
    if (response instanceof ExchangeAborted) {
      metrics.end(request.method, NO_RESPONSE, duration / 1000);
      throw response;
    }
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
  ): Promise<ProxyResponse | ExchangeAborted> {
    try {
      return await handler(request, context);
    } catch (cause) {
      if (cause instanceof ExchangeAborted) {
        metrics.fail("aborted");
        log.info("request aborted", {
          ...describe(request, context),
          reason: cause.message,
        });
        return cause;
      }
      const error = context.signal.aborted
        ? new ProxyError("aborted", request.authority)
        : toProxyError(cause, request);
      metrics.fail(error.reason);
      const isAborted = error.code === "aborted";
      if (!isAborted) onFailure?.(failedRequest(request, error));
      log[isAborted ? "debug" : "info"]("request failed", {
        ...describe(request, context),
        status: error.status,
        reason: error.reason,
        error: error.message,
      });
      const places = wantsErrorPage(request.fields)
        ? { id: context.id, tunnelPage: tunnelPageOf?.(cause, context) }
        : undefined;
      return errorPage(error, component, places);
    }
  }
}

function failedRequest(
  request: ProxyRequest,
  { message, reason }: ProxyError,
): RequestFailure {
  return {
    method: request.method,
    host: request.authority,
    path: request.kind === "connect"
      ? undefined
      : request.path.replace(/[?#].*$/s, ""),
    message,
    party: adviceFor(reason)?.fault ?? "the client",
  };
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
