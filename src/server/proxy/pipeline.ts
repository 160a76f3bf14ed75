// The order in which a request passes the steps of the server's proxy.
import type { Handler } from "../../http/exchange.ts";
import type { HttpLogMode } from "../../log/http_log.ts";
import { logger } from "../../log/log.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import { addVia } from "../../proxy/add_via.ts";
import { limitForwards } from "../../proxy/max_forwards.ts";
import { respondToErrors } from "../../proxy/errors/error_responses.ts";
import { logExchanges } from "../../proxy/log_exchanges.ts";
import { traceExchanges } from "../../proxy/trace_exchanges.ts";
import { toProxyError } from "../../proxy/errors/to_proxy_error.ts";
import { checkAuthority } from "../interception/check_authority.ts";
import type { TlsInterceptor } from "../interception/tls_interceptor.ts";
import { websocketHandshake } from "../interception/websocket_handshake.ts";
import {
  authorizeAgain,
  type AuthorizedHandler,
  authorizeRequests,
  type ConnectionAuthorizer,
  type Reauthorize,
} from "./authorize.ts";
import { dispatch } from "./dispatch.ts";
import { type InterceptedTls, interceptTls } from "./intercept_connect.ts";
import type { JobAffinity } from "./job_affinity.ts";
import { servePac } from "./pac_response.ts";
import { routeRequests } from "./routing.ts";

/** What the pipelines of one port share. */
export interface PipelineOptions {
  readonly affinity: JobAffinity;
  readonly metrics: ProxyMetrics;
  /** Terminates TLS that the rules of a tunnel intercept. */
  readonly interceptor: TlsInterceptor;
  /** Handles requests that the rules of a tunnel route past it. */
  readonly direct: Handler;
  /** How much of each request is logged. */
  readonly httpLog: HttpLogMode;
  /** Marks this proxy in `Via` fields. */
  readonly tag: string;
  /** Number of the port. */
  readonly port: () => number;
}

/** A connection of a browser. */
export interface BrowserConnection {
  /** Its IP address. */
  readonly remote: string;
  readonly authorize: ConnectionAuthorizer;
  /** Whether credentials are optional. */
  readonly allowAnonymous: boolean;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** Aborted when the connection is closed by force. */
  readonly closed?: AbortSignal | undefined;
}

const log = logger("proxy");
const COMPONENT = "sallyport server";

/** Handles the requests of a connection: each passes these steps, from the top down. It never throws. */
export function tunnelHandler(
  connection: BrowserConnection,
  options: PipelineOptions,
): Handler {
  const steps = stepsOf(connection, options);
  return pipeline()
    .add(steps.servePac)
    .add(steps.trace)
    .add(steps.log)
    .add(steps.answerErrors)
    .add(steps.cancelUploads)
    .add(steps.addVia)
    .add(steps.authorize)
    .add(steps.limitForwards)
    .add(steps.route)
    .add(steps.interceptTls)
    .end(dispatch);
}

/** Handles the requests inside a CONNECT whose TLS is intercepted. It never throws. */
function interceptedHandler(
  steps: Steps,
  { connect, protocol, reauthorize }: InterceptedTls,
): Handler {
  return pipeline()
    .add(steps.trace)
    .add(steps.log)
    .add(steps.answerErrors)
    .add(steps.cancelUploads)
    .add(steps.addVia)
    .add((next) => protocol === "h2" ? websocketHandshake(next) : next)
    .add((next) => checkAuthority(connect, next))
    .add((next: AuthorizedHandler) => authorizeAgain(next, reauthorize))
    .add(steps.limitForwards)
    .end(dispatch);
}

/** Handles a CONNECT that turns out not to carry TLS: it is traced and logged already. It never throws. */
function passthroughHandler(steps: Steps, reauthorize: Reauthorize): Handler {
  return pipeline()
    .add(steps.answerErrors)
    .add(steps.cancelUploads)
    .add((next: AuthorizedHandler) => authorizeAgain(next, reauthorize))
    .end(dispatch);
}

/** Makes a handler of the handler that comes after it. */
type Step<Inner = Handler, Outer = Handler> = (next: Inner) => Outer;

/** The steps of one connection. */
interface Steps {
  /** Answers requests for the port's own PAC file. */
  readonly servePac: Step;
  /** Records a span for each request. */
  readonly trace: Step;
  readonly log: Step;
  /** Turns every failure into an error page, and counts requests and failures. */
  readonly answerErrors: Step;
  readonly cancelUploads: Step;
  /** Adds `Via` and `X-Forwarded-…`, and refuses requests that loop. */
  readonly addVia: Step;
  /** Finds the tunnels that the credentials may use. */
  readonly authorize: Step<AuthorizedHandler>;
  /** Responds to OPTIONS and TRACE that may go no further (`Max-Forwards`). */
  readonly limitForwards: Step<AuthorizedHandler, AuthorizedHandler>;
  /** Applies the domain rules: denies, goes direct, or goes on. */
  readonly route: Step<AuthorizedHandler, AuthorizedHandler>;
  readonly interceptTls: Step<AuthorizedHandler, AuthorizedHandler>;
}

function stepsOf(
  connection: BrowserConnection,
  { affinity, metrics, interceptor, direct, ...options }: PipelineOptions,
): Steps {
  const { remote: client, authorize, allowAnonymous, signal } = connection;
  const { httpLog, tag, port } = options;
  const errors = { component: COMPONENT, toProxyError, metrics, log } as const;
  const credentials = { authorize, allowAnonymous, affinity };
  const steps: Steps = {
    servePac: (next) => servePac(next, port),
    trace: (next) => traceExchanges(next, COMPONENT),
    log: (next) => logExchanges(next, httpLog, log),
    answerErrors: (next) => respondToErrors(next, errors),
    cancelUploads: (next) => cancelUploads(next, connection.closed),
    addVia: (next) => addVia(next, { client, tag }),
    authorize: (next) => authorizeRequests(next, credentials),
    limitForwards: (next) => limitForwards(next),
    route: (next) => routeRequests(next, direct),
    interceptTls: (next) =>
      interceptTls(next, {
        ...{ interceptor, signal },
        inside: (tls) => interceptedHandler(steps, tls),
        passthrough: (again) => passthroughHandler(steps, again),
      }),
  };
  return steps;
}

/** Builds a handler from its steps. The first one added is the outermost. */
class Pipeline<Next extends AnyHandler> {
  readonly #outer: Step<Next>;

  constructor(outer: Step<Next>) {
    this.#outer = outer;
  }

  add<Inner extends AnyHandler = Next>(
    step: Step<Inner, Next>,
  ): Pipeline<Inner> {
    return new Pipeline((inner) => this.#outer(step(inner)));
  }

  end(last: Next): Handler {
    return this.#outer(last);
  }
}

type AnyHandler = Handler | AuthorizedHandler;

function pipeline(): Pipeline<Handler> {
  return new Pipeline((next) => next);
}

/**
 * Aborts uploads when their connection is closed. Reading or writing a
 * connection notices that it is closed; but nothing reads or writes during an
 * upload that the site does not read.
 */
function cancelUploads(
  next: Handler,
  closed: AbortSignal | undefined,
): Handler {
  if (closed === undefined) return next;
  return (request, context) => {
    if (request.kind !== "request" || request.body === undefined) {
      return next(request, context);
    }
    const signal = AbortSignal.any([context.signal, closed]);
    return next(request, { ...context, signal });
  };
}
