/**
 * Which tunnels somebody sees on the page, and which of them they may stop.
 *
 * @module
 */
import { Problem } from "../../../api/serving/problem.ts";
import type { TunnelRegistry } from "../../tunnels/registry.ts";
import { Permissions, type UserDirectory } from "../../accounts/permissions.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** Tunnels as the eyes of one user. */
export interface Sight {
  /** All that the user sees, newest first; of those that they may stop, ended ones too. */
  readonly all: readonly Tunnel[];
  /** The user's own that were not stopped yet. */
  readonly own: readonly Tunnel[];
  /**
   * The tunnel of this id.
   *
   * @throws {Problem} 404 when the user sees none.
   */
  find(id: string): Tunnel;
  /** Whether the user sees it. */
  sees(tunnel: Tunnel): boolean;
  /** Whether the user sees all of it: whose jobs it runs, and where its client is. */
  knows(tunnel: Tunnel): boolean;
  /** Whether the user may stop it. */
  mayStop(tunnel: Tunnel): boolean;
  /** Whether the user may send requests through it. */
  mayUse(tunnel: Tunnel): boolean;
}

/** Makes the sight of any user, as it is now. */
export function sightOf(
  registry: TunnelRegistry,
  directory: UserDirectory,
): (user: string) => Sight {
  return function sight(user) {
    const rights = new Permissions(user, directory);
    const sees = (tunnel: Tunnel) =>
      tunnel.status === "terminated"
        ? rights.mayManage(tunnel)
        : rights.maySee(tunnel);
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
          "Cannot find the tunnel: you see none of this id",
        );
      },
      sees,
      knows: (tunnel) => rights.mayManage(tunnel),
      mayUse: (tunnel) => rights.mayUse(tunnel),
      mayStop: (tunnel) => !tunnel.isStopping && rights.mayManage(tunnel),
    };
  };
}
