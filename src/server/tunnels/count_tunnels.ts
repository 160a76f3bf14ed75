import type {
  CountedTunnel,
  CountedTunnelState,
} from "../../metrics/organization_metrics.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

/** The live tunnels, for the metrics. */
export function countTunnels(
  registry: Pick<TunnelRegistry, "list">,
): readonly CountedTunnel[] {
  return registry.list().map((tunnel) => ({
    tally: tunnel.tally,
    state: countedStateOf(tunnel),
  }));
}

/** The state of a live tunnel, as the page says it in words. */
function countedStateOf(tunnel: Tunnel): CountedTunnelState {
  if (tunnel.isStopping) return "stopping";
  if (tunnel.isReady) return "running";
  return tunnel.status === "new" ? "new" : "away";
}
