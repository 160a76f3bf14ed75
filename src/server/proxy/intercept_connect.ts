// A CONNECT whose TLS the server terminates. The requests inside go through the
// tunnel one by one, as ordinary requests with the scheme https. The client
// opens the TLS connection to the site.
import type { ConnectRequest, Handler } from "../../http/exchange.ts";
import { ExchangeAborted } from "../../http/exchange_aborted.ts";
import type { TerminatedTls } from "../../net/tls/tls_terminator.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { parseAuthority } from "../interception/check_authority.ts";
import { isInterceptedHost } from "../interception/intercepted_domains.ts";
import type { TlsInterceptor } from "../interception/tls_interceptor.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import type { AuthorizedHandler, Reauthorize } from "./authorize.ts";

/** A CONNECT inside which a browser speaks TLS. */
export interface InterceptedTls {
  readonly connect: ConnectRequest;
  readonly protocol: TerminatedTls["protocol"];
  /** Finds the tunnels for a request inside. @throws {ProxyError} */
  readonly reauthorize: Reauthorize;
}

/** How TLS is intercepted. */
export interface InterceptTlsOptions {
  readonly interceptor: TlsInterceptor;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** Makes the handler for the requests inside. It never throws. */
  readonly inside: (tls: InterceptedTls) => Handler;
  /** Makes the handler for a CONNECT that does not carry TLS. It never throws. */
  readonly passthrough: (reauthorize: Reauthorize) => Handler;
}

/** How the refusal of a CONNECT is shown inside it. */
export interface ShowRefusalsOptions
  extends Pick<InterceptTlsOptions, "interceptor" | "signal"> {
  /** Makes the handler for the requests inside: they fail because of `cause`. It never throws. */
  readonly refused: (tls: InterceptedTls, cause: unknown) => Handler;
}

/**
 * Accepts a CONNECT that fails, if the rules of the tunnels intercept its host,
 * and fails the first request inside. Browsers show the page of that, and never
 * the one of a CONNECT. The connection ends with it: the next CONNECT may pass.
 */
export function showRefusals(
  next: AuthorizedHandler,
  { interceptor, signal, refused }: ShowRefusalsOptions,
): AuthorizedHandler {
  return async function showing(request, context) {
    try {
      return await next(request, context);
    } catch (cause) {
      const { tunnels, reauthorize } = context;
      const isShown = request.kind === "connect" &&
        !context.signal.aborted && !(cause instanceof ExchangeAborted) &&
        isIntercepted(tunnels, request);
      if (!isShown) throw cause;
      const end = new AbortController();
      const fail = () => Promise.reject(cause);
      return interceptor.open(request, {
        ...{ context, owner: tunnels[0]?.owner ?? "" },
        signal: AbortSignal.any([signal, end.signal]),
        inside(protocol) {
          const tls = {
            ...{ connect: request, protocol },
            reauthorize: whileIntercepted(request, reauthorize),
          };
          const handler = refused(tls, cause);
          return (...exchange) => {
            end.abort();
            return handler(...exchange);
          };
        },
        passthrough: fail,
      });
    }
  };
}

/** Terminates the TLS of a CONNECT if the rules of the tunnels say so. */
export function interceptTls(
  next: AuthorizedHandler,
  { interceptor, signal, inside, passthrough }: InterceptTlsOptions,
): AuthorizedHandler {
  return function intercepting(request, context) {
    const { tunnels } = context;
    if (request.kind !== "connect" || !isIntercepted(tunnels, request)) {
      return next(request, context);
    }
    const reauthorize = whileIntercepted(request, context.reauthorize);
    const response = interceptor.open(request, {
      ...{ context, signal, owner: tunnels[0]?.owner ?? "" },
      inside: (protocol) => inside({ connect: request, protocol, reauthorize }),
      passthrough: passthrough(context.reauthorize),
    });
    return Promise.resolve(response);
  };
}

/** @throws {ProxyError} `badRequest`. */
function isIntercepted(
  tunnels: readonly Tunnel[],
  { authority }: ConnectRequest,
): boolean {
  return isInterceptedHost(tunnels, parseAuthority(authority).hostname);
}

/**
 * Authorizes the requests inside `connect`. The connection may outlive its
 * tunnel or its user. `misdirected` then has the browser send a new CONNECT,
 * which gets the real error: inside TLS nothing asks for proxy credentials.
 */
function whileIntercepted(
  connect: ConnectRequest,
  reauthorize: Reauthorize,
): Reauthorize {
  return async function reauthorizeInside() {
    try {
      const authorized = await reauthorize();
      if (isIntercepted(authorized.tunnels, connect)) return authorized;
    } catch (cause) {
      if (!(cause instanceof ProxyError) || cause.status !== 407) throw cause;
    }
    throw new ProxyError("misdirected", connect.authority);
  };
}
