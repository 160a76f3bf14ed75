/**
 * The proxy that browsers use: takes their connections, and what comes on each,
 * in HTTP/1.1 or in SOCKS 5, to the tunnel that its credentials name. TLS
 * passes unopened unless the rules of the tunnel say otherwise.
 *
 * @module
 */
import { viaTag } from "../http/forwarded.ts";
import { serveHttp1 } from "../http1/serve.ts";
import { logger } from "../log/log.ts";
import { Acceptor } from "../net/accept.ts";
import type { Address } from "../net/address.ts";
import { closeQuietly } from "../net/byte_stream.ts";
import { listenTcp } from "../net/listen.ts";
import { SOCKS_VERSION } from "../net/socks5_wire.ts";
import { JobMembers } from "./job_members.ts";
import type { Admit, ProxyGrant } from "./proxy_access.ts";
import { answerPac } from "./proxy_pac.ts";
import type { RightsWatch } from "./rights_watch.ts";
import type { Shares } from "./shares.ts";
import { serveSocks5 } from "./socks_door.ts";
import {
  type CheckGrant,
  tunnelHandler,
  type TunnelHandlerOptions,
} from "./tunnel_handler.ts";

/** What the tunnel proxy works with. */
export interface TunnelProxyOptions
  extends Omit<TunnelHandlerOptions, "members" | "tag"> {
  readonly address: Address;
  /** Says what a browser may use. */
  readonly admit: Admit;
  /** Cuts connections whose rights are over; nobody does unless given. */
  readonly watch?: Pick<RightsWatch, "enter"> | undefined;
  /** Whose jobs are; all are of one organization unless given. */
  readonly shares?: Shares | undefined;
  /** Whether a browser without credentials may use something. */
  readonly isOpen?: boolean;
  /** How long exchanges may take to end when it is disposed, in milliseconds. */
  readonly shutdownTimeout?: number;
  /** How long a connection may be idle on which nothing was granted yet, in milliseconds. */
  readonly strangerTimeout?: number;
}

const log = logger("proxy");

/**
 * A keep-alive connection is checked again after this long, so that a removed
 * user is out; checking every request would cost more than the request.
 */
const GRANT_LIFETIME = 10_000;

/** How long a connection waits for its next request, in milliseconds. */
const IDLE_TIMEOUT = 3_600_000;
/** How long before anything was granted on it: whoever can reach the port could take all its connections for an hour. */
const STRANGER_TIMEOUT = 30_000;

/** Opens the proxy port. @throws {ListenError} When the address cannot be had. */
export function startTunnelProxy(
  {
    address,
    admit,
    watch,
    shares,
    isOpen = false,
    shutdownTimeout = 30_000,
    strangerTimeout = STRANGER_TIMEOUT,
    ...options
  }: TunnelProxyOptions,
): Acceptor {
  const members = new JobMembers({ shares });
  const shared = { ...options, tag: viaTag(), members };
  const acceptor = new Acceptor(listenTcp(address), {
    shutdownTimeout,
    serve,
    onError: (cause) =>
      log.debug("connection failed", { cause: String(cause) }),
  });
  return acceptor;

  async function serve(conn: Deno.Conn, signal: AbortSignal): Promise<void> {
    const { remoteAddr } = conn;
    const remote = remoteAddr.transport === "tcp" ? remoteAddr.hostname : "";
    let isStranger = true;
    const cut = new AbortController();
    using pass = watch?.enter(() => {
      cut.abort();
      closeQuietly(conn);
    });
    const check = rememberGrant(async (authorization) => {
      const grant = await admit(authorization, remote);
      pass?.allow(grant.permit);
      isStranger = false;
      return grant;
    });
    const handler = tunnelHandler(
      { remote, check, isOpen, signal, cut: cut.signal },
      shared,
    );
    const socks = { handler, isOpen, check, signal };
    const withPac = answerPac(handler, () => acceptor.address.port);
    await serveHttp1(conn, withPac, {
      signal,
      idleTimeout: () => isStranger ? strangerTimeout : IDLE_TIMEOUT,
      other: {
        firstByte: SOCKS_VERSION,
        serve: (stream) => serveSocks5(stream, socks),
      },
    });
  }
}

/** Browsers repeat their credentials with every request: the same text within a short time is not checked again. */
function rememberGrant(check: CheckGrant): CheckGrant {
  let known: string | undefined;
  let grant: ProxyGrant | undefined;
  let checkedAt = 0;
  return async function checkOnce(authorization) {
    const now = performance.now();
    const fresh = now - checkedAt < GRANT_LIFETIME;
    if (grant && fresh && authorization === known) return grant;
    grant = undefined;
    const found = await check(authorization);
    known = authorization;
    checkedAt = now;
    grant = found;
    return found;
  };
}
