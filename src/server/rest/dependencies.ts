/** What the REST API is built from, and the look-ups that its routes share. */
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
import type { Advertise } from "../ports/advertise.ts";
import { Permissions, type UserDirectory } from "../accounts/permissions.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import type { Advertised } from "../tunnels/tunnel_state.ts";

/** Dependencies of the REST API. */
export interface RestApiDependencies {
  readonly accounts: Accounts;
  readonly registry: TunnelRegistry;
  readonly controller: TunnelController;
  /** Sends a request through the server's own proxy into the tunnel and back. */
  readonly probe: (tunnel: Tunnel) => Promise<ProbeResult>;
  /** Says the addresses for clients and browsers. */
  readonly advertise: Advertise;
  /** The server's version. */
  readonly version: string;
  /** The CA that test browsers must trust if TLS is intercepted, in PEM. */
  readonly browserCaPem: () => string;
  /** Shared with the page and the proxy, so that failed logins count together. */
  readonly guard?: LoginGuard;
  /** Limits on the rate of requests. */
  readonly limits?: RequestLimits;
  /** Whether the server is shutting down. */
  readonly isStopping: () => boolean;
  /** Called with each request, once it has its status; `operation` is its id. */
  readonly onRequest?: (operation: string | undefined, status: number) => void;
}

/** Usual duration of a restart in seconds. */
const RESTART_TIME = 5;

/** Rejects new work while the server shuts down. @throws {Problem} 503. */
export function refuseWhenStopping(
  { isStopping }: Pick<RestApiDependencies, "isStopping">,
): void {
  if (!isStopping()) return;
  throw new Problem(
    503,
    "The server is shutting down and accepts no new tunnels, " +
      `try again in ${RESTART_TIME} s`,
    { "Retry-After": String(RESTART_TIME) },
  );
}

/** The server's addresses for the sender of this request. */
export function advertisedTo(
  { req }: Context<UserEnv>,
  { advertise }: RestApiDependencies,
): Advertised {
  return advertise(new URL(req.url));
}

/**
 * The user's own tunnel with this id.
 *
 * @throws {Problem} 404 if there is none.
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
    `Cannot find tunnel "${id}": you have no tunnel with this id`,
  );
}

/** Where to look for a tunnel, and on whose behalf. */
export interface TunnelSearch {
  readonly registry: TunnelRegistry;
  readonly accounts: UserDirectory;
  readonly user: string;
  readonly scope: KeyScope;
}

/**
 * The tunnel with this id, live or ended, if the user may stop it: their own, or
 * as an admin. A key of scope `start` finds only the user's own.
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
 * The tunnel with this id, if the user may stop it, or may use it and it is live.
 * A key of scope `start` finds only the user's own.
 *
 * @throws {Problem} 404 otherwise.
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
 * The live tunnel with this id, if the user may stop it. A key of scope `start`
 * finds only the user's own.
 *
 * @throws {Problem} 404 otherwise.
 */
export function stoppableTunnel(id: string, search: TunnelSearch): Tunnel {
  return live(managedTunnel(id, search));
}

/**
 * The user's own live tunnel with this id.
 *
 * @throws {Problem} 404 if there is none.
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
