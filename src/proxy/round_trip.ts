/** Sends a request to its site and gives the response: ordinary requests, Upgrade and CONNECT. */
import type {
  ConnectRequest,
  ExchangeContext,
  PlainRequest,
  ProxyRequest,
  ProxyResponse,
  StreamResponse,
  UpgradeRequest,
} from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import {
  addCredentials,
  type FindCredentials,
} from "../http/site_credentials.ts";
import { Http1Connection } from "../http1/client/connection.ts";
import { sendHttp1 } from "../http1/client/send.ts";
import { Http1Error } from "../http1/errors.ts";
import type { HeaderLimits } from "../http1/parse/header_limits.ts";
import { ERROR_FIELD } from "./errors/error_page.ts";
import { toProxyError } from "./errors/to_proxy_error.ts";
import { originOf } from "./origin.ts";
import { type ResolveRoutes, type Route, withFailover } from "./routes.ts";
import {
  loginFault,
  type NamedProxy,
  unreadableProxy,
  upstreamError,
} from "./upstream/upstream_error.ts";
import { sendHttp2, wantsHttp1 } from "./sites/send_http2.ts";
import type { SiteConnections } from "./sites/site_connections.ts";
import { UpstreamRefusal } from "./upstream/upstream_refusal.ts";

/** How sites are reached. */
export interface Transport {
  readonly resolveRoutes: ResolveRoutes;
  /** Credentials for sites. */
  readonly credentials: FindCredentials;
  readonly sites: SiteConnections;
  /** Limits of the header sections of responses. */
  readonly headerLimits: HeaderLimits;
  readonly responseHeaderTimeout: number;
}

/**
 * Sends `request` and gives the response of its site.
 *
 * @throws {DialError} When the site cannot be reached.
 * @throws {Http1Error} When its response is not valid HTTP.
 * @throws {ProxyError} When no route is allowed, or an upstream proxy fails.
 */
export async function roundTrip(
  request: ProxyRequest,
  context: ExchangeContext,
  transport: Transport,
): Promise<ProxyResponse> {
  try {
    switch (request.kind) {
      case "request":
        return await forward(request, context, transport);
      case "upgrade":
        return await upgrade(request, context, transport);
      case "connect":
        return await connect(request, context, transport);
    }
  } catch (cause) {
    if (cause instanceof UpstreamRefusal) return cause.response;
    throw cause;
  }
}

/**
 * Sends an ordinary request.
 *
 * The site may close a kept connection at the moment it is taken. A request
 * that can be repeated is then sent once more, on a new connection.
 */
async function forward(
  request: PlainRequest,
  context: ExchangeContext,
  transport: Transport,
): Promise<ProxyResponse> {
  const target = originOf(request);
  addCredentials(request.fields, transport.credentials(target));
  const routes = await transport.resolveRoutes(target, context, "request");
  return await withFailover(routes, async (route) => {
    const exchange = { request, context, transport, route };
    try {
      return await sendOnce(exchange, false);
    } catch (cause) {
      if (!(cause instanceof Http1Error)) throw cause;
      if (wantsHttp1(cause)) transport.sites.requireHttp1(route.key);
      if (!cause.retryable) throw cause;
      return await sendOnce(exchange, true);
    }
  });
}

/** One attempt to send a request by one route. */
interface Attempt {
  readonly request: PlainRequest;
  readonly context: ExchangeContext;
  readonly transport: Transport;
  readonly route: Route;
}

/** @param fresh Whether it may not use an idle connection of HTTP/1.1. */
async function sendOnce(
  attempt: Attempt,
  fresh: boolean,
): Promise<ProxyResponse> {
  const { request, context, transport, route } = attempt;
  const { signal, id } = context;
  const { viaProxy } = route;
  const { responseHeaderTimeout, headerLimits } = transport;
  const site = await transport.sites.acquire(
    route.key,
    (alpnProtocols) =>
      viaProxy === undefined
        ? route.connect(signal, id, alpnProtocols)
        : viaProxy.connect(signal, id),
    { fresh },
  );
  if (site.protocol === "h2") {
    const options = { responseHeaderTimeout, reused: site.reused };
    return ofSite(await sendHttp2(site.http2, request, context, options));
  }
  const { connection, release } = site.http1;
  const options = { responseHeaderTimeout, headerLimits, release };
  if (viaProxy === undefined) {
    return ofSite(await sendHttp1(connection, request, context, options));
  }
  const authorized = withAuthorization(request, viaProxy.authorization);
  try {
    const response = await sendHttp1(connection, authorized, context, {
      ...options,
      form: "absolute",
    });
    return withoutChallenge(response, viaProxy, request);
  } catch (cause) {
    throw cause instanceof Http1Error
      ? proxyFailure(cause, viaProxy, request)
      : cause;
  }
}

/**
 * Requests another protocol, on a connection of its own: WebSockets and others.
 * A site that declines the Upgrade gives an ordinary response.
 */
async function upgrade(
  request: UpgradeRequest,
  context: ExchangeContext,
  transport: Transport,
): Promise<ProxyResponse> {
  const target = originOf(request);
  addCredentials(request.fields, transport.credentials(target));
  const { id, signal } = context;
  const routes = await transport.resolveRoutes(target, context, "request");
  const stream = await withFailover(
    routes,
    (route) => route.connect(signal, id),
  );
  const connection = new Http1Connection(stream);
  return ofSite(
    await sendHttp1(connection, request, context, {
      responseHeaderTimeout: transport.responseHeaderTimeout,
      headerLimits: transport.headerLimits,
      release: () => connection.close(),
    }),
  );
}

/** Opens a connection to the site, whose bytes pass unchanged. */
async function connect(
  request: ConnectRequest,
  context: ExchangeContext,
  transport: Transport,
): Promise<StreamResponse> {
  const { id, signal } = context;
  const target = originOf(request);
  const routes = await transport.resolveRoutes(target, context, "tunnel");
  const stream = await withFailover(
    routes,
    (route) => route.connect(signal, id),
  );
  return { kind: "stream", status: 200, fields: new Fields(), stream };
}

/**
 * A response that its site has sent. Only Sallyport says what Sallyport cannot
 * do. An upstream proxy may be one, and says it of itself.
 */
function ofSite(response: ProxyResponse): ProxyResponse {
  response.fields.delete(ERROR_FIELD);
  return response;
}

function withAuthorization(
  request: PlainRequest,
  authorization: string | undefined,
): PlainRequest {
  if (authorization === undefined) return request;
  const fields = request.fields.clone();
  fields.set("Proxy-Authorization", authorization);
  return { ...request, fields };
}

/**
 * A response that came through an upstream proxy. Its 407 is not passed on: the
 * browser does not know that proxy, and would send it the tunnel's credentials.
 */
function withoutChallenge(
  response: ProxyResponse,
  named: NamedProxy,
  request: ProxyRequest,
): ProxyResponse {
  if (response.status !== 407) return response;
  if (response.kind === "response") response.body?.cancel();
  const challenge = response.fields.getList("proxy-authenticate");
  const error = upstreamError("credentials", named, {
    target: request.authority,
    detail: loginFault(challenge, named),
  });
  throw toProxyError(error, request);
}

/**
 * A proxy that got the whole request is who responds, or does not. No other
 * route is tried: the site may have the request.
 */
function proxyFailure(
  cause: Http1Error,
  named: NamedProxy,
  request: ProxyRequest,
): Error {
  const isItsOwn = !cause.retryable && cause.code !== "cancelled";
  if (!isItsOwn) return cause;
  return toProxyError(
    unreadableProxy(cause, named, request.authority),
    request,
  );
}
