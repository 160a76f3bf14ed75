/**
 * The tunnels of the server's earlier run, whose clients are about to come back.
 *
 * @module
 */
import { logger } from "../../log/log.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { compileStored } from "./compiled_rules.ts";
import type { TunnelController } from "./controller.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";
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

/**
 * Compiles the rules of restored tunnels, one after the other, while the server
 * runs. A tunnel whose rules cannot be compiled is ended.
 */
export function compileRestored(
  registry: TunnelRegistry,
  controller: Pick<TunnelController, "stop">,
): AsyncDisposable {
  let isOver = false;
  const prepared = prepare(registry.list());
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await prepared;
    },
  };

  async function prepare(tunnels: readonly Tunnel[]): Promise<void> {
    for (const tunnel of tunnels) {
      const isUsable = await compileStored(tunnel);
      if (isOver) return;
      if (isUsable || tunnel.isStopping) continue;
      const { id, owner, name } = tunnel;
      log.warn("tunnel has rules that cannot be used and is ended", {
        id,
        owner,
        name,
      });
      controller.stop(tunnel, { reason: "badRules", waitForJobs: false });
    }
  }
}
