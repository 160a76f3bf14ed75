/**
 * What becomes of a browser's request: who asks is checked, the rules of the
 * tunnel say where it goes, and there it is sent.
 *
 * @module
 */
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import type { HttpLogMode } from "../../log/http_log.ts";
import { logger } from "../../log/log.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import { announce } from "../../proxy/add_via.ts";
import { answerErrors } from "../../proxy/errors/answer_errors.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { logExchanges } from "../../proxy/log_exchanges.ts";
import { traceExchanges } from "../../proxy/trace_exchanges.ts";
import { toProxyError } from "../../proxy/errors/to_proxy_error.ts";
import { whenRulesCompiled } from "../tunnels/compiled_rules.ts";
import { addressOf } from "../interception/check_authority.ts";
import { type JobAffinity, takeJobField, validateJob } from "./job_affinity.ts";
import {
  isOpened,
  openConnect,
  type OpenConnectOptions,
} from "./intercept_connect.ts";
import type { Authorization } from "./authorize.ts";
import type { TlsInterceptor } from "../interception/tls_interceptor.ts";
import {
  type AuthorizedTunnels,
  type Destination,
  dispatch,
  noPlace,
} from "./dispatch.ts";
import { routeOf } from "./routing.ts";

/** What the handlers of one port share. */
export interface TunnelHandlerOptions {
  readonly members: JobAffinity;
  readonly metrics: ProxyMetrics;
  /** Opens TLS. */
  readonly interceptor: TlsInterceptor;
  /** Carries out what the rules of a tunnel lead past it. */
  readonly direct: Handler;
  /** How much of every exchange is logged. */
  readonly httpLog: HttpLogMode;
  /** Marks what has passed this proxy. */
  readonly tag: string;
}

/**
 * Says what somebody with these credentials may use.
 *
 * @param signal Aborted when they have left.
 * @throws {ProxyError} When that is nothing.
 */
export type ConnectionAuthorizer = (
  authorization: string | undefined,
  signal?: AbortSignal,
) => Promise<Authorization>;

/** A connection of a browser. */
export interface BrowserConnection {
  /** Its IP address. */
  readonly remote: string;
  readonly check: ConnectionAuthorizer;
  /** Whether it may give no credentials. */
  readonly isOpen: boolean;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** Aborted when the connection is cut. */
  readonly cut?: AbortSignal | undefined;
}

const log = logger("proxy");

/** A handler of all that comes on `connection`. It never throws. */
export function tunnelHandler(
  { remote, check, isOpen, signal, cut }: BrowserConnection,
  options: TunnelHandlerOptions,
): Handler {
  const { members, metrics, interceptor, direct, tag, httpLog } = options;
  return logged(handle);

  function logged(inner: Handler): Handler {
    const announced = announce(inner, { client: remote, tag });
    const told = logExchanges(answered(announced), httpLog, log);
    return traceExchanges(told, "sallyport server");
  }

  function answered(handler: Handler): Handler {
    return answerErrors(endUploads(handler, cut), {
      speaker: "sallyport server",
      toProxyError,
      metrics,
      log,
    });
  }

  async function handle(
    request: ProxyRequest,
    context: ExchangeContext,
  ): Promise<ProxyResponse> {
    const authorization = request.fields.get("proxy-authorization");
    request.fields.delete("proxy-authorization");
    const named = takeJobField(request.fields);
    const granted = async (): Promise<AuthorizedTunnels> => {
      const grant = await check(authorization, context.signal);
      const job = validateJob(named) ?? grant.job;
      const tunnels = members.of(job, grant.tunnels());
      const unready = whenRulesCompiled(tunnels);
      if (unready !== undefined) await unready;
      return { job, tunnels };
    };
    const found = await granted();
    if (isOpen) checkForm(request);
    return await carry(request, context, {
      destination: { ...found, again: granted },
      ...{ direct, interceptor, signal, logged, answered },
    });
  }
}

/**
 * A connection that is cut is noticed by who reads or writes it. With an upload
 * that the site does not read nobody does.
 */
function endUploads(handler: Handler, cut: AbortSignal | undefined): Handler {
  if (cut === undefined) return handler;
  return (request, context) => {
    if (request.kind !== "request" || request.body === undefined) {
      return handler(request, context);
    }
    const signal = AbortSignal.any([context.signal, cut]);
    return handler(request, { ...context, signal });
  };
}

/** Sends a request where the rules of its tunnels lead. */
async function carry(
  request: ProxyRequest,
  context: ExchangeContext,
  { destination, direct, ...opened }:
    & { readonly destination: Destination }
    & Pick<TunnelHandlerOptions, "direct" | "resigner">
    & Pick<OpenConnectOptions, "signal" | "logged" | "answered">,
): Promise<ProxyResponse> {
  const { tunnels, again: granted } = destination;
  const { hostname } = addressOf(request.authority);
  const route = routeOf(tunnels, hostname);
  if (route === "deny") {
    const error = new ProxyError("domainDenied", hostname);
    for (const { failures } of tunnels) failures.note(request, error);
    throw error;
  }
  if (route === "direct") {
    // Past a tunnel, not without one: who has no client is nobody's tester.
    if (!tunnels.some(({ isReady }) => isReady)) {
      throw noPlace(tunnels, request);
    }
    return await direct(request, context);
  }
  if (request.kind === "connect" && isOpened(tunnels, request)) {
    // What is no TLS is the CONNECT itself, which is logged already.
    const owner = tunnels[0]?.owner ?? "";
    return openConnect(request, { ...opened, owner, context, granted });
  }
  return await dispatch(destination, request, context);
}

/**
 * Any page can have a browser send requests to a port as if a site were there,
 * in the browser's own network or by a name of its own that leads to it. Where
 * credentials are needed such a page has none; where none are, it would be in
 * the network of the client. What is sent to a proxy no page can make up.
 */
function checkForm(request: ProxyRequest): void {
  if (request.kind === "connect" || request.isOriginForm !== true) return;
  throw new ProxyError("originForm", request.authority);
}
