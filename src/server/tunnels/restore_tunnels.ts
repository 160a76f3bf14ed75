import { logger } from "../../log/log.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { compileStored } from "./rules/compiled_rules.ts";
import type { TunnelController } from "./controller.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";
import type { TunnelStore } from "./tunnel_store.ts";

const log = logger("server");

/**
 * Restores the tunnels in `store`, whose clients will reconnect, and deletes
 * those of removed users. A tunnel whose client does not reconnect ends like any
 * other that has lost its sessions.
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
 * Compiles the rules of restored tunnels one after the other, while the server
 * runs. Ends a tunnel whose rules cannot be compiled.
 */
export function compileRestored(
  registry: TunnelRegistry,
  controller: Pick<TunnelController, "stop">,
): AsyncDisposable {
  let isDisposed = false;
  const compiled = compileAll(registry.list());
  return {
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      await compiled;
    },
  };

  async function compileAll(tunnels: readonly Tunnel[]): Promise<void> {
    for (const tunnel of tunnels) {
      const isUsable = await compileStored(tunnel);
      if (isDisposed) return;
      if (isUsable || tunnel.isStopping) continue;
      const { id, owner, name } = tunnel;
      log.warn("tunnel ended: its rules are invalid", {
        id,
        owner,
        name,
      });
      controller.stop(tunnel, { reason: "badRules", waitForJobs: false });
    }
  }
}
