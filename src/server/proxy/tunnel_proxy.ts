/**
 * The proxy that browsers use: takes their connections, and what comes on each,
 * in HTTP/1.1 or in SOCKS 5, to the tunnel that its credentials name. TLS
 * passes unopened unless the rules of the tunnel say otherwise.
 *
 * @module
 */
import { viaTag } from "../../http/forwarded.ts";
import {
  type ConnectionHandler,
  startHttpServer,
} from "../../http_server/http_server.ts";
import { logger } from "../../log/log.ts";
import type { AcceptOptions, Acceptor } from "../../net/listen/acceptor.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import type { Address } from "../../net/address/address.ts";
import { listenTcp } from "../../net/listen/listen.ts";
import { SOCKS_VERSION } from "../../net/socks5/socks5_wire.ts";
import { JobAffinity } from "./job_affinity.ts";
import type { Authorization, Authorizer } from "./authorize.ts";
import { servePac } from "./pac_response.ts";
import type { RightsWatch } from "../accounts/permission_watcher.ts";
import type { Shares } from "../accounts/shares.ts";
import { serveSocks5 } from "./socks5_handler.ts";
import {
  type ConnectionAuthorizer,
  tunnelHandler,
  type TunnelHandlerOptions,
} from "./tunnel_handler.ts";

/** What the tunnel proxy works with. */
export interface TunnelProxyOptions
  extends
    Omit<TunnelHandlerOptions, "members" | "tag">,
    Pick<
      AcceptOptions,
      "limits" | "loginTimeout" | "silenceTimeout" | "shutdownTimeout" | "port"
    > {
  readonly address: Address;
  /** Says what a browser may use. */
  readonly admit: Authorizer;
  /** Cuts connections whose rights are over; nobody does unless given. */
  readonly watch?: Pick<RightsWatch, "enter"> | undefined;
  /** Whose jobs are; all are of one organization unless given. */
  readonly shares?: Shares | undefined;
  /** Whether a browser without credentials may use something. */
  readonly isOpen?: boolean;
  /** How long a connection may be idle on which nothing was granted yet, in milliseconds. Default 30 s. */
  readonly pendingIdleTimeout?: number;
}

const log = logger("proxy");

/**
 * A keep-alive connection is checked again after this long, so that a removed
 * user is out; checking every request would cost more than the request.
 */
const GRANT_LIFETIME = 10_000;

/** Opens the proxy port. @throws {ListenError} When the address cannot be had. */
export function startTunnelProxy(
  {
    address,
    admit,
    watch,
    shares,
    isOpen = false,
    limits,
    loginTimeout,
    silenceTimeout,
    shutdownTimeout,
    pendingIdleTimeout,
    port = "proxy",
    ...options
  }: TunnelProxyOptions,
): Acceptor {
  const members = new JobAffinity({ shares });
  const shared = { ...options, tag: viaTag(), members };
  const acceptor = startHttpServer(listenTcp(address), {
    ...{ port, limits, loginTimeout, silenceTimeout },
    ...{ shutdownTimeout, pendingIdleTimeout },
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
    const check = rememberGrant(async (authorization, gone) => {
      const grant = await admit(authorization, remote, gone);
      pass?.allow(grant.permit);
      conn.admit();
      return grant;
    });
    const handler = tunnelHandler(
      { remote, check, isOpen, signal, cut: conn.closed },
      shared,
    );
    const socks = { handler, isOpen, check, signal };
    return {
      handler: servePac(handler, () => acceptor.address.port),
      other: {
        firstByte: SOCKS_VERSION,
        serve: (stream) => serveSocks5(stream, socks),
      },
      onEnd: () => pass?.[Symbol.dispose](),
    };
  }
}

/** Browsers repeat their credentials with every request: the same text within a short time is not checked again. */
function rememberGrant(check: ConnectionAuthorizer): ConnectionAuthorizer {
  let known: string | undefined;
  let grant: Authorization | undefined;
  let checkedAt = 0;
  return async function checkOnce(authorization, signal) {
    const now = performance.now();
    const fresh = now - checkedAt < GRANT_LIFETIME;
    if (grant && fresh && authorization === known) return grant;
    grant = undefined;
    const found = await check(authorization, signal);
    known = authorization;
    checkedAt = now;
    grant = found;
    return found;
  };
}
