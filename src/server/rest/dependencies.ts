/**
 * What the REST API is built from, and the questions all its routes ask.
 *
 * @module
 */
import type { Context } from "hono";
import type { KeyScope } from "../../api/resources/account_types.ts";
import { Problem } from "../../api/serving/problem.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { UserEnv } from "./authentication.ts";
import type { TunnelController } from "../tunnels/controller.ts";
import type { LoginGuard } from "../accounts/login_guard.ts";
import type { TunnelRegistry } from "../tunnels/registry.ts";
import type { ProbeResult } from "../proxy/probe.ts";
import type { RequestLimits } from "./request_limits.ts";
import { Permissions, type UserDirectory } from "../accounts/permissions.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import type { Advertised } from "../tunnels/tunnel_state.ts";

/** What the API needs. */
export interface RestApiDependencies {
  readonly accounts: Accounts;
  readonly registry: TunnelRegistry;
  readonly controller: TunnelController;
  /** Sends a request through the server's own proxy into the tunnel and back. */
  readonly probe: (tunnel: Tunnel) => Promise<ProbeResult>;
  /** Where clients and browsers find the server; the ports are asked for late, when they are known. */
  readonly advertise: {
    /** Name or address; without it, the host that the request was sent to. */
    readonly externalHost?: string | undefined;
    readonly tunnelPort: () => number;
    readonly proxyPort: () => number;
  };
  /** The server's version. */
  readonly version: string;
  /** The CA that test browsers must trust where TLS is opened, in PEM. */
  readonly browserCaPem: string;
  /** Shared with the page and the proxy, so that failed logins count together. */
  readonly guard?: LoginGuard;
  /** How many requests are taken; the usual number unless given. */
  readonly limits?: RequestLimits;
  /** Whether the server takes nothing new any more. */
  readonly isStopping: () => boolean;
}

/** Seconds after which a server that is restarted is back, if all is well. */
const RESTART_TIME = 5;

/** Refuses what a server that is stopping cannot do any more. @throws {Problem} 503. */
export function refuseWhenStopping(
  { isStopping }: Pick<RestApiDependencies, "isStopping">,
): void {
  if (!isStopping()) return;
  throw new Problem(
    503,
    "The server is stopping and takes no new tunnels: " +
      `try again in ${RESTART_TIME} s, when it may be back`,
    { "Retry-After": String(RESTART_TIME) },
  );
}

/** Where whoever sent this request finds the server. */
export function advertisedTo(
  { req }: Context<UserEnv>,
  { advertise }: RestApiDependencies,
): Advertised {
  // URLs write IPv6 addresses in brackets, sockets take them without.
  const asked = new URL(req.url).hostname.replace(/^\[(.+)\]$/, "$1");
  return {
    host: advertise.externalHost ?? asked,
    tunnelPort: advertise.tunnelPort(),
    proxyPort: advertise.proxyPort(),
  };
}

/**
 * The tunnel that the path names.
 *
 * @throws {Problem} 404 when there is none, or it is another user's.
 */
export function ownTunnel(
  id: string,
  { user, registry }: {
    readonly user: string;
    readonly registry: TunnelRegistry;
  },
): Tunnel {
  const tunnel = registry.get(id);
  if (tunnel?.owner === user) return tunnel;
  throw new Problem(
    404,
    `Cannot find tunnel "${id}": you have none of this id`,
  );
}

/** Where tunnels are, who looks for one, and with which key. */
export interface TunnelSearch {
  readonly registry: TunnelRegistry;
  readonly accounts: UserDirectory;
  readonly user: string;
  readonly scope: KeyScope;
}

/**
 * The tunnel that the path names, ended or not, if the user may stop it: their
 * own, or as an admin. A key for starting tunnels finds their own.
 *
 * @throws {Problem} 404 otherwise.
 */
export function managedTunnel(
  id: string,
  { registry, accounts, user, scope }: TunnelSearch,
): Tunnel {
  const tunnel = registry.get(id);
  const isManaged = tunnel !== undefined && scope !== "start" &&
    new Permissions(user, accounts).mayManage(tunnel);
  return isManaged ? tunnel : ownTunnel(id, { user, registry });
}

/**
 * The tunnel that the path names: one that the user may manage, ended or not,
 * or a live one that they may use. A key for starting tunnels finds their own.
 *
 * @throws {Problem} 404 when there is none.
 */
export function visibleTunnel(id: string, search: TunnelSearch): Tunnel {
  const { registry, accounts, user, scope } = search;
  const tunnel = registry.get(id);
  const isUsed = tunnel !== undefined && scope !== "start" &&
    tunnel.status !== "terminated" &&
    new Permissions(user, accounts).mayUse(tunnel);
  return isUsed ? tunnel : managedTunnel(id, search);
}

/**
 * The tunnel that the path names, if it has not ended and the user may stop it.
 * A key for starting tunnels stops the user's own.
 *
 * @throws {Problem} 404 otherwise.
 */
export function stoppableTunnel(id: string, search: TunnelSearch): Tunnel {
  return live(managedTunnel(id, search));
}

/**
 * The tunnel that the path names, if it has not ended.
 *
 * @throws {Problem} 404 when it has, or there is none, or it is another user's.
 */
export function ownLiveTunnel(
  id: string,
  options: { readonly user: string; readonly registry: TunnelRegistry },
): Tunnel {
  return live(ownTunnel(id, options));
}

function live(tunnel: Tunnel): Tunnel {
  if (tunnel.status !== "terminated") return tunnel;
  throw new Problem(
    404,
    `Cannot find tunnel "${tunnel.id}": it has ended (${tunnel.stopCause?.reason})`,
  );
}
