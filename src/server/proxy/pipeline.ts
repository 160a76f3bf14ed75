// The order in which a request passes the steps of the server's proxy.
import type { Handler } from "../../http/exchange.ts";
import type { HttpLogMode } from "../../log/http_log.ts";
import { logger } from "../../log/log.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import { addVia } from "../../proxy/add_via.ts";
import { limitForwards } from "../../proxy/max_forwards.ts";
import type { AlpnProtocol } from "../../net/tls/tls_terminator.ts";
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
import { failedTunnelOf } from "./failed_tunnel.ts";
import {
  type InterceptedTls,
  interceptTls,
  showRefusals,
} from "./intercept_connect.ts";
import { limitUploads } from "./limit_uploads.ts";
import type { JobAffinity } from "./job_affinity.ts";
import { describePort } from "./describe_port.ts";
import { type OwnPlace, servePac } from "./pac_response.ts";
import { routeRequests } from "./routing.ts";

/** What the pipelines of one port share. */
export interface PipelineOptions {
  readonly affinity: JobAffinity;
  readonly metrics: ProxyMetrics;
  /** Terminates TLS that the rules of a tunnel intercept. */
  readonly interceptor: TlsInterceptor;
  /** URL of the page of the tunnel with this id, where browsers can open it. Default: none is known. */
  readonly tunnelPage?: ((id: string) => string | undefined) | undefined;
  /** Handles requests that the rules of a tunnel route past it. */
  readonly direct: Handler;
  /** How much of each request is logged. */
  readonly httpLog: HttpLogMode;
  /** How long a browser may send nothing of a request's content, in milliseconds. Default 2 min. */
  readonly requestBodyTimeout?: number | undefined;
  /** Marks this proxy in `Via` fields. */
  readonly tag: string;
  /** Where the port is, if requests may be for the port itself. */
  readonly place?: OwnPlace | undefined;
}

/** A connection of a browser. */
export interface BrowserConnection {
  /** Its IP address. */
  readonly remote: string;
  /** What it speaks. */
  readonly protocol: AlpnProtocol;
  readonly authorize: ConnectionAuthorizer;
  /** Whether credentials are optional. */
  readonly allowAnonymous: boolean;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** Aborted when the connection is closed by force. */
  readonly closed?: AbortSignal | undefined;
}

const log = logger("proxy");
/** A person or a program that thinks in the middle of an upload is rare, and a browser that hangs is not. */
const REQUEST_BODY_TIMEOUT = 120_000;
const COMPONENT = "sallyport server";

/** Handles the requests of a connection: each passes these steps, from the top down. It never throws. */
export function tunnelHandler(
  connection: BrowserConnection,
  options: PipelineOptions,
): Handler {
  const steps = stepsOf(connection, options);
  return pipeline()
    .add(steps.servePac)
    .add(steps.describePort)
    .add(steps.trace)
    .add(steps.log)
    .add(steps.answerErrors)
    .add(steps.limitUploads)
    .add(steps.addVia)
    .add(shakeHands(connection.protocol))
    .add(steps.authorize)
    .add(steps.limitForwards)
    .add(steps.showRefusals)
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
    .add(steps.limitUploads)
    .add(steps.addVia)
    .add(shakeHands(protocol))
    .add((next) => checkAuthority(connect, next))
    .add((next: AuthorizedHandler) => authorizeAgain(next, reauthorize))
    .add(steps.limitForwards)
    .end(dispatch);
}

/** Fails the requests inside a CONNECT that is refused because of `cause`. It never throws. */
function refusedHandler(
  steps: Steps,
  { connect, reauthorize }: InterceptedTls,
  cause: unknown,
): Handler {
  return pipeline()
    .add(steps.trace)
    .add(steps.log)
    .add(steps.answerErrors)
    .add((next) => checkAuthority(connect, next))
    .add((next: AuthorizedHandler) => authorizeAgain(next, reauthorize))
    .end(() => Promise.reject(cause));
}

/** Handles a CONNECT that turns out not to carry TLS: it is traced and logged already. It never throws. */
function passthroughHandler(steps: Steps, reauthorize: Reauthorize): Handler {
  return pipeline()
    .add(steps.answerErrors)
    .add(steps.limitUploads)
    .add((next: AuthorizedHandler) => authorizeAgain(next, reauthorize))
    .end(dispatch);
}

/** WebSockets over HTTP/2 have no handshake of their own. */
function shakeHands(protocol: AlpnProtocol): Step {
  return (next) => protocol === "h2" ? websocketHandshake(next) : next;
}

/** Makes a handler of the handler that comes after it. */
type Step<Inner = Handler, Outer = Handler> = (next: Inner) => Outer;

/** The steps of one connection. */
interface Steps {
  /** Answers requests for the port's own PAC file. */
  readonly servePac: Step;
  /** Tells who opens the port as a site what it is. Ports without credentials refuse it. */
  readonly describePort: Step;
  /** Records a span for each request. */
  readonly trace: Step;
  readonly log: Step;
  /** Turns every failure into an error page, and counts requests and failures. */
  readonly answerErrors: Step;
  /** Ends uploads that have come to a stop. */
  readonly limitUploads: Step;
  /** Adds `Via` and `X-Forwarded-…`, and refuses requests that loop. */
  readonly addVia: Step;
  /** Finds the tunnels that the credentials may use. */
  readonly authorize: Step<AuthorizedHandler>;
  /** Responds to OPTIONS and TRACE that may go no further (`Max-Forwards`). */
  readonly limitForwards: Step<AuthorizedHandler, AuthorizedHandler>;
  /** Shows inside a CONNECT why it fails. */
  readonly showRefusals: Step<AuthorizedHandler, AuthorizedHandler>;
  /** Applies the domain rules: denies, goes direct, or goes on. */
  readonly route: Step<AuthorizedHandler, AuthorizedHandler>;
  readonly interceptTls: Step<AuthorizedHandler, AuthorizedHandler>;
}

function stepsOf(
  connection: BrowserConnection,
  { affinity, metrics, interceptor, direct, ...options }: PipelineOptions,
): Steps {
  const { remote: client, authorize, allowAnonymous, signal } = connection;
  const { httpLog, tag, place } = options;
  const { requestBodyTimeout = REQUEST_BODY_TIMEOUT } = options;
  const errors = {
    ...{ component: COMPONENT, toProxyError, metrics, log } as const,
    tunnelPageOf(cause: unknown) {
      const id = failedTunnelOf(cause);
      return id === undefined ? undefined : options.tunnelPage?.(id);
    },
  };
  const credentials = { authorize, allowAnonymous, affinity };
  const uploads = { closed: connection.closed, timeout: requestBodyTimeout };
  const steps: Steps = {
    servePac: (next) => place === undefined ? next : servePac(next, place),
    describePort: (next) =>
      place === undefined || allowAnonymous ? next : describePort(next, place),
    trace: (next) => traceExchanges(next, COMPONENT),
    log: (next) => logExchanges(next, httpLog, log),
    answerErrors: (next) => respondToErrors(next, errors),
    limitUploads: (next) => limitUploads(next, uploads),
    addVia: (next) => addVia(next, { client, tag }),
    authorize: (next) => authorizeRequests(next, credentials),
    limitForwards: (next) => limitForwards(next),
    showRefusals: (next) =>
      showRefusals(next, {
        ...{ interceptor, signal },
        refused: (tls, cause) => refusedHandler(steps, tls, cause),
      }),
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
