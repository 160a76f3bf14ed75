import { logger } from "../../log/log.ts";
import type { RegistryChange, TunnelRegistry } from "./registry.ts";

const log = logger("tunnel");

/**
 * Logs that the client of a tunnel has come, and that it is away, until disposed:
 * one line for all sessions of the tunnel. Level debug has a line for each.
 */
export function logTunnels(
  registry: Pick<TunnelRegistry, "changes">,
): Disposable {
  return registry.changes.subscribe(logChange);
}

function logChange({ kind, tunnel }: RegistryChange): void {
  const { id, owner, name, sessions } = tunnel;
  if (kind === "attached" && sessions.length === 1) {
    const remote = sessions[0]?.remote;
    log.info("client of a tunnel is connected", { id, owner, name, remote });
  }
  if (kind === "detached" && sessions.length === 0 && !tunnel.isStopping) {
    const reason = tunnel.lastLoss ?? "closed";
    log.info("client of a tunnel is away", { id, owner, name, reason });
  }
}
