import { Problem } from "../../../api/serving/problem.ts";
import type { TunnelRegistry } from "../../tunnels/registry.ts";
import { Permissions, type UserDirectory } from "../../accounts/permissions.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** The tunnels that one user sees on the pages. */
export interface VisibleTunnels {
  /** Newest first. Ended ones are included if the user may manage them. */
  readonly all: readonly Tunnel[];
  /** The user's own tunnels, without those that stop. */
  readonly own: readonly Tunnel[];
  /** The tunnel of this id. @throws {Problem} 404 when the user does not see it. */
  find(id: string): Tunnel;
  /** Whether the user sees it. */
  sees(tunnel: Tunnel): boolean;
  /** Whether the user also sees its jobs, its sessions and its failures. */
  seesDetails(tunnel: Tunnel): boolean;
  /** Whether the user may stop it. */
  mayStop(tunnel: Tunnel): boolean;
  /** Whether the user may send requests through it. */
  mayUse(tunnel: Tunnel): boolean;
}

/** Makes the view of one user, at this moment. */
export function visibleTunnelsOf(
  registry: TunnelRegistry,
  directory: UserDirectory,
): (user: string) => VisibleTunnels {
  return function visibleTunnels(user) {
    const permissions = new Permissions(user, directory);
    const sees = (tunnel: Tunnel) =>
      tunnel.status === "terminated"
        ? permissions.mayManage(tunnel)
        : permissions.maySee(tunnel);
    return {
      get all() {
        return registry.list({ ended: true }).filter(sees);
      },
      get own() {
        return registry.list({ owner: user })
          .filter(({ isStopping }) => !isStopping);
      },
      find(id) {
        const tunnel = registry.get(id);
        if (tunnel !== undefined && sees(tunnel)) return tunnel;
        throw new Problem(
          404,
          "Cannot find the tunnel: no tunnel of yours has this id",
        );
      },
      sees,
      seesDetails: (tunnel) => permissions.mayManage(tunnel),
      mayUse: (tunnel) => permissions.mayUse(tunnel),
      mayStop: (tunnel) => !tunnel.isStopping && permissions.mayManage(tunnel),
    };
  };
}
