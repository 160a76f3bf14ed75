// The proxy for browsers. It accepts connections that speak HTTP/1.1 or SOCKS 5,
// and sends their requests to the tunnel that the credentials name. TLS passes
// as it is, except where the rules of the tunnel intercept it.
import { viaTag } from "../../http/forwarded.ts";
import {
  type ConnectionHandler,
  type RequestHeaders,
  startHttpServer,
} from "../../http_server/http_server.ts";
import { logger } from "../../log/log.ts";
import type { AcceptOptions, Acceptor } from "../../net/listen/acceptor.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import type { Address } from "../../net/address/address.ts";
import { listenTcp } from "../../net/listen/listen.ts";
import { SOCKS_VERSION } from "../../net/socks5/socks5_wire.ts";
import { JobAffinity } from "./job_affinity.ts";
import type {
  Authorization,
  Authorizer,
  ConnectionAuthorizer,
} from "./authorize.ts";
import { type PipelineOptions, tunnelHandler } from "./pipeline.ts";
import type { PermissionWatcher } from "../accounts/permission_watcher.ts";
import type { SharedTables } from "../accounts/shared_tables.ts";
import { serveSocks5 } from "./socks5_handler.ts";

/** Options of {@linkcode startTunnelProxy}. */
export interface TunnelProxyOptions
  extends
    Omit<PipelineOptions, "affinity" | "tag" | "port">,
    Pick<
      AcceptOptions,
      "limits" | "loginTimeout" | "silenceTimeout" | "shutdownTimeout" | "port"
    > {
  readonly address: Address;
  readonly authorize: Authorizer;
  /** Closes connections whose permission ends; by default none is closed. */
  readonly watch?: Pick<PermissionWatcher, "enter"> | undefined;
  /** Assigns jobs to organizations; by default all belong to one. */
  readonly shares?: SharedTables | undefined;
  /** Whether credentials are optional. Default `false`. */
  readonly allowAnonymous?: boolean;
  /** How long a connection may be idle before it is authorized, in milliseconds. Default 30 s. */
  readonly pendingIdleTimeout?: number;
  /** Limits of requests, and what raises them. */
  readonly headers?: RequestHeaders | undefined;
}

const log = logger("proxy");

/**
 * How long an authorization is reused on a keep-alive connection, in
 * milliseconds. A removed user is out after that time; checking every request
 * would cost more than the request.
 */
const AUTHORIZATION_LIFETIME = 10_000;

/** Opens the proxy port. @throws {ListenError} When the address cannot be used. */
export function startTunnelProxy(
  {
    address,
    authorize,
    watch,
    shares,
    allowAnonymous = false,
    limits,
    loginTimeout,
    silenceTimeout,
    shutdownTimeout,
    pendingIdleTimeout,
    headers,
    port: portName = "proxy",
    ...options
  }: TunnelProxyOptions,
): Acceptor {
  const shared: PipelineOptions = {
    ...options,
    tag: viaTag(),
    affinity: new JobAffinity({ shares }),
    port: () => acceptor.address.port,
  };
  const acceptor = startHttpServer(listenTcp(address), {
    ...{ port: portName, limits, loginTimeout, silenceTimeout },
    ...{ shutdownTimeout, pendingIdleTimeout, headers },
    handlerOf,
    onError: (cause) =>
      log.debug("connection failed", { cause: String(cause) }),
  });
  return acceptor;

  function handlerOf(
    conn: AcceptedConnection,
    signal: AbortSignal,
  ): ConnectionHandler {
    const { address: remote } = conn;
    const pass = watch?.enter(() => conn.close());
    const authorizeOnce = cacheAuthorization(async (credentials, gone) => {
      const authorization = await authorize(credentials, remote, gone);
      pass?.allow(authorization.permit);
      conn.admit();
      return authorization;
    });
    const common = { authorize: authorizeOnce, allowAnonymous, signal };
    const handler = tunnelHandler(
      { ...common, remote, closed: conn.closed },
      shared,
    );
    const socks = { ...common, handler };
    return {
      handler,
      other: {
        firstByte: SOCKS_VERSION,
        serve: (stream) => serveSocks5(stream, socks),
      },
      onEnd: () => pass?.[Symbol.dispose](),
    };
  }
}

/** Browsers repeat their credentials with every request: the same text is not checked again within a short time. */
function cacheAuthorization(
  authorize: ConnectionAuthorizer,
): ConnectionAuthorizer {
  let known: string | undefined;
  let authorization: Authorization | undefined;
  let checkedAt = 0;
  return async function authorizeOnce(credentials, signal) {
    const now = performance.now();
    const isFresh = now - checkedAt < AUTHORIZATION_LIFETIME;
    if (authorization && isFresh && credentials === known) return authorization;
    authorization = undefined;
    const found = await authorize(credentials, signal);
    known = credentials;
    checkedAt = now;
    authorization = found;
    return found;
  };
}
