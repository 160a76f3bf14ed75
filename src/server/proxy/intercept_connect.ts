/**
 * A CONNECT whose TLS is opened: the requests inside go through the tunnel one
 * by one, as ordinary requests with the scheme https, and the client makes the
 * TLS connection to the site.
 *
 * @module
 */
import type {
  ConnectRequest,
  ExchangeContext,
  Handler,
  ProxyResponse,
} from "../../http/exchange.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { takeJobField } from "./job_affinity.ts";
import { addressOf, checkAuthority } from "../interception/check_authority.ts";
import { isInterceptedHost } from "../interception/intercepted_domains.ts";
import type { TlsInterceptor } from "../interception/tls_interceptor.ts";
import { type AuthorizedTunnels, dispatch } from "./dispatch.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import { websocketHandshake } from "../interception/websocket_handshake.ts";

/** What a CONNECT is opened with. */
export interface OpenConnectOptions {
  readonly interceptor: TlsInterceptor;
  readonly context: ExchangeContext;
  /** Owner of the tunnels. */
  readonly owner: string;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** The tunnels that the credentials of the CONNECT open now. @throws {ProxyError} When they open none. */
  readonly granted: () => Promise<AuthorizedTunnels>;
  /** Makes a handler that never throws of one that does. */
  readonly answered: (handler: Handler) => Handler;
  /** The same, whose exchanges are logged and traced. */
  readonly logged: (handler: Handler) => Handler;
}

/** Whether the TLS of this CONNECT is opened. @throws {ProxyError} `badRequest`. */
export function isOpened(
  tunnels: readonly Tunnel[],
  { authority }: ConnectRequest,
): boolean {
  return isInterceptedHost(tunnels, addressOf(authority).hostname);
}

/** Answers a CONNECT that is opened. */
export function openConnect(
  request: ConnectRequest,
  { interceptor, owner, context, signal, granted, answered, logged }:
    OpenConnectOptions,
): ProxyResponse {
  const inside = checkAuthority(request, async (inner, innerContext) => {
    // Inside, all are of the job of the CONNECT.
    takeJobField(inner.fields);
    const destination = { ...await stillOpened(), again: stillOpened };
    return await dispatch(destination, inner, innerContext);
  });
  return interceptor.open(request, {
    ...{ context, owner, signal },
    inside: (protocol) =>
      logged(protocol === "h2" ? websocketHandshake(inside) : inside),
    outside: answered(async () => {
      const destination = { ...await granted(), again: granted };
      return await dispatch(destination, request, context);
    }),
  });

  /**
   * A connection can outlive the tunnel it was made for, and the user. What to
   * do then is said to a new CONNECT; inside TLS nobody asks for credentials.
   */
  async function stillOpened(): Promise<AuthorizedTunnels> {
    try {
      const found = await granted();
      if (isOpened(found.tunnels, request)) return found;
    } catch (cause) {
      if (!(cause instanceof ProxyError) || cause.status !== 407) throw cause;
    }
    throw new ProxyError("misdirected", request.authority);
  }
}
