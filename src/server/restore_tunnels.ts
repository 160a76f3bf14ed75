/**
 * The tunnels of the server's earlier run, whose clients are about to come back.
 *
 * @module
 */
import { logger } from "../log/log.ts";
import type { Accounts } from "./accounts.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { TunnelStore } from "./tunnel_store.ts";

const log = logger("server");

/**
 * Takes in the tunnels that are in `store`, and forgets those of users who are
 * gone. A tunnel whose client does not come back ends like any other that has
 * lost its sessions.
 */
export function restoreTunnels(
  registry: TunnelRegistry,
  store: TunnelStore,
  accounts: Pick<Accounts, "hasUser">,
): void {
  for (const tunnel of store.list()) {
    const { id, spec: { owner, name } } = tunnel;
    if (!accounts.hasUser(owner)) {
      store.remove(id);
      continue;
    }
    registry.restore(tunnel);
    log.info("tunnel restored", { id, owner, name });
  }
}
