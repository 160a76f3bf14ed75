// The proxy for browsers. It accepts connections that speak HTTP/1.1 or SOCKS 5,
// and sends their requests to the tunnel that the credentials name. TLS passes
// as it is, except where the rules of the tunnel intercept it.
import { viaTag } from "../../http/forwarded.ts";
import {
  type AgreedTls,
  type ConnectionHandler,
  type RequestHeaders,
  startHttpServer,
} from "../../http_server/http_server.ts";
import { logger } from "../../log/log.ts";
import type { AcceptOptions, Acceptor } from "../../net/listen/acceptor.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import type { Address } from "../../net/address/address.ts";
import type { ProxyAddress } from "../../net/address/proxy_address.ts";
import { listenTcp } from "../../net/listen/listen.ts";
import { SOCKS_VERSION } from "../../net/socks5/socks5_wire.ts";
import type { Authorizer } from "./authorize.ts";
import { connectionLogins } from "./connection_logins.ts";
import { JobAffinity } from "./job_affinity.ts";
import { type PipelineOptions, tunnelHandler } from "./pipeline.ts";
import type { PermissionWatcher } from "../accounts/permission_watcher.ts";
import type { SharedTables } from "../accounts/shared_tables.ts";
import { serveSocks5 } from "./socks5_handler.ts";

/** Options of {@linkcode proxyConnections}. */
export interface ProxyConnectionOptions
  extends Omit<PipelineOptions, "affinity" | "tag"> {
  readonly authorize: Authorizer;
  /** Remembers which tunnel of a pool each job uses. Default: one of its own. */
  readonly affinity?: JobAffinity | undefined;
  /** Closes connections whose permission ends; by default none is closed. */
  readonly watch?: Pick<PermissionWatcher, "enter"> | undefined;
  /** Assigns jobs to organizations; by default all belong to one. */
  readonly shares?: SharedTables | undefined;
  /** Whether credentials are optional. Default `false`. */
  readonly allowAnonymous?: boolean;
}

/** Options of {@linkcode startTunnelProxy}. */
export interface TunnelProxyOptions
  extends
    Omit<ProxyConnectionOptions, "place">,
    Pick<
      AcceptOptions,
      "limits" | "loginTimeout" | "silenceTimeout" | "shutdownTimeout" | "port"
    > {
  readonly address: Address;
  /** Where browsers reach the port, if an option says so. */
  readonly external?: ProxyAddress | undefined;
  /** How long a connection may be idle before it is authorized, in milliseconds. Default 30 s. */
  readonly pendingIdleTimeout?: number;
  /** Limits of requests, and what raises them. */
  readonly headers?: RequestHeaders | undefined;
}

const log = logger("proxy");

/** Opens the proxy port. @throws {ListenError} When the address cannot be used. */
export function startTunnelProxy(
  {
    address,
    limits,
    loginTimeout,
    silenceTimeout,
    shutdownTimeout,
    pendingIdleTimeout,
    headers,
    external,
    port: portName = "proxy",
    ...options
  }: TunnelProxyOptions,
): Acceptor {
  const acceptor = startHttpServer(listenTcp(address), {
    ...{ port: portName, limits, loginTimeout, silenceTimeout },
    ...{ shutdownTimeout, pendingIdleTimeout, headers },
    handlerOf: proxyConnections({
      ...options,
      place: { port: () => acceptor.address.port, external },
    }),
    onError: (cause) =>
      log.debug("connection failed", { cause: String(cause) }),
  });
  return acceptor;
}

/** Handles one connection of a browser, as `HttpServerOptions.handlerOf` says. */
export type HandleBrowser = (
  conn: Pick<AcceptedConnection, "address" | "admit" | "close" | "closed">,
  signal: AbortSignal,
  tls?: AgreedTls,
) => ConnectionHandler;

/** Makes what handles the connections of browsers by one port. */
export function proxyConnections(
  {
    authorize,
    watch,
    shares,
    allowAnonymous = false,
    affinity = new JobAffinity({ shares }),
    ...options
  }: ProxyConnectionOptions,
): HandleBrowser {
  const shared: PipelineOptions = { ...options, tag: viaTag(), affinity };
  return function handlerOf(conn, signal, tls) {
    const { address: remote } = conn;
    const protocol = tls?.protocol ?? "http/1.1";
    const logins = connectionLogins({ conn, protocol, watch, authorize });
    const common = { authorize: logins.authorize, allowAnonymous, signal };
    const handler = tunnelHandler(
      { ...common, remote, protocol, closed: conn.closed },
      shared,
    );
    const socks = { ...common, handler };
    return {
      handler,
      other: {
        firstByte: SOCKS_VERSION,
        serve: (stream) => serveSocks5(stream, socks),
      },
      onEnd: () => logins[Symbol.dispose](),
    };
  };
}
