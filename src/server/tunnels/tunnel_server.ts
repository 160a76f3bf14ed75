// Accepts the connections of clients, checks the tunnel token, and makes them
// sessions.
import { logger } from "../../log/log.ts";
import { type AcceptOptions, Acceptor } from "../../net/listen/acceptor.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import type { Address } from "../../net/address/address.ts";
import type { TrustedProxies } from "../../net/listen/trusted_proxies.ts";
import type { ByteStream } from "../../net/stream/byte_stream.ts";
import { listenTcp } from "../../net/listen/listen.ts";
import { acceptTls } from "../../net/tls/accept_tls.ts";
import type { TlsIdentity } from "../../net/tls/tls_terminator.ts";
import { openSession } from "../../tunnel/open_session.ts";
import type { SilenceLimits } from "../../tunnel/silence.ts";
import { takeClientAddress } from "../../tunnel/client_address.ts";
import { readUpgrade, type Upgrade } from "../../tunnel/upgrade.ts";
import type { TunnelRegistry } from "./registry.ts";
import { type Tunnel, TunnelClosedError } from "./tunnel.ts";
import { sessionLimits } from "./tunnel_limits.ts";

/** Options of {@linkcode sessionServer}. */
export interface SessionServerOptions {
  readonly registry: TunnelRegistry;
  /** When sessions are checked and given up. */
  readonly silence?: SilenceLimits | undefined;
  /** Proxies that say whose connections they pass on. Default: none is believed. */
  readonly trusted?: TrustedProxies | undefined;
}

/** Options of {@linkcode startTunnelServer}. */
export interface TunnelServerOptions
  extends
    SessionServerOptions,
    Pick<AcceptOptions, "limits" | "loginTimeout" | "shutdownTimeout"> {
  readonly address: Address;
  readonly identity: TlsIdentity;
}

/**
 * Checks the token of an Upgrade and serves the session until it ends.
 *
 * @param signal Ends the session in order.
 */
export type ServeUpgrade = (
  upgrade: Upgrade,
  about: {
    readonly conn: AcceptedConnection;
    readonly signal: AbortSignal;
  },
) => Promise<void>;

const log = logger("tunnel");

/** The same text for both, so that nobody learns which tunnels exist. */
const UNKNOWN = "the server does not know the tunnel, or its token is wrong";

/** Opens the port for clients. @throws {ListenError} When the address cannot be used. */
export function startTunnelServer(
  { address, identity, registry, silence, ...options }: TunnelServerOptions,
): Acceptor {
  const trusted = options.limits?.trusted;
  const serveUpgrade = sessionServer({ registry, silence, trusted });
  return new Acceptor(listenTcp(address), {
    ...options,
    port: "tunnel",
    serve,
    onError: (cause) =>
      log.debug("connection failed", { cause: String(cause) }),
  });

  async function serve(
    conn: AcceptedConnection,
    signal: AbortSignal,
  ): Promise<void> {
    const stream = await plainStream(conn, {
      ...{ identity, signal },
      isPlain: trusted?.endTls === true,
    });
    if (stream === undefined) return;
    const upgrade = await readUpgrade(stream);
    if (upgrade === undefined) return;
    await serveUpgrade(upgrade, { conn, signal });
  }
}

/** Makes what serves the sessions of one port. */
export function sessionServer(
  { registry, silence, trusted }: SessionServerOptions,
): ServeUpgrade {
  let opened = 0;
  return async function serveUpgrade(upgrade, { conn, signal }) {
    if (!await takeClientAddress(conn, upgrade, trusted)) return;
    const tunnel = registry.get(upgrade.tunnelId);
    if (!tunnel?.acceptsToken(upgrade.token)) {
      return await upgrade.refuse(401, UNKNOWN);
    }
    if (tunnel.isStopping) {
      const reason = tunnel.stopCause?.reason ?? "stopped";
      return await upgrade.refuse(410, `the tunnel has ended: ${reason}`);
    }
    conn.admit();
    opened += 1;
    await serveSession(tunnel, upgrade, {
      id: `${tunnel.id.slice(0, 8)}-${opened}`,
      remote: conn.peer,
      silence,
      signal,
    });
  };
}

/** The connection after its TLS; `undefined` when it has ended. */
async function plainStream(
  conn: AcceptedConnection,
  { isPlain, ...options }: {
    readonly identity: TlsIdentity;
    readonly signal: AbortSignal;
    /** Whether a trusted proxy has ended TLS. */
    readonly isPlain: boolean;
  },
): Promise<ByteStream | undefined> {
  if (isPlain) return conn;
  const protocols = ["http/1.1"] as const;
  return (await acceptTls(conn, { ...options, protocols }))?.stream;
}

interface SessionInfo {
  readonly id: string;
  readonly remote: string;
  readonly silence: SilenceLimits | undefined;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

async function serveSession(
  tunnel: Tunnel,
  upgrade: Upgrade,
  about: SessionInfo,
): Promise<void> {
  const stream: ByteStream = await upgrade.accept();
  const limits = sessionLimits(tunnel.sessions.length);
  const { id, remote, silence } = about;
  const sessions = () => tunnel.sessions;
  await using session = openSession(stream, {
    ...{ id, remote, limits, silence, sessions },
  });
  const fields = { session: id, remote, tunnel: tunnel.id };
  try {
    tunnel.attach(session);
  } catch (cause) {
    if (!(cause instanceof TunnelClosedError)) throw cause;
    log.info("session refused", { ...fields, reason: cause.message });
    return;
  }
  log.debug("session opened", fields);
  const drain = () => void session.drain().catch(() => {});
  about.signal.addEventListener("abort", drain);
  try {
    await session.done;
    log.debug("session closed", fields);
  } catch (cause) {
    log.debug("session lost", { ...fields, reason: String(cause) });
  } finally {
    about.signal.removeEventListener("abort", drain);
  }
}
