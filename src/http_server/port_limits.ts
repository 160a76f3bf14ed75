import type { Logger } from "../log/log.ts";
import { registerConnectionLimits } from "../metrics/connection_limit_metrics.ts";
import type { Registry } from "../metrics/registry.ts";
import {
  ConnectionLimits,
  type ConnectionLimitsOptions,
} from "../net/listen/connection_limits.ts";

/** Where limits report to, and what they are. */
export interface PortLimitsOptions
  extends Pick<ConnectionLimitsOptions, "max" | "maxPerAddress" | "trusted"> {
  readonly log: Logger;
  readonly metrics: Registry;
}

/** A flood is logged in one line a minute, and counted in full in the metrics. */
const LOG_INTERVAL = 60_000;

/** Makes limits for all ports of a program; what they refuse is logged and counted. */
export function portLimits(
  { log, metrics, max, maxPerAddress, trusted }: PortLimitsOptions,
): ConnectionLimits {
  const isDue = onceInAWhile();
  const limits = new ConnectionLimits({
    max,
    maxPerAddress,
    trusted,
    onRefusal({ port, reason, address, detail }) {
      // Each idle connection has such an end; it says nothing of a flood.
      if (reason === "silent" || !isDue(`${port} ${reason}`)) return;
      const counts = { open: limits.size, limit: limits.max };
      log.warn("connections are refused", {
        ...{ port, reason, address },
        ...detail !== undefined && { detail },
        ...counts,
      });
    },
    onOutOfFiles() {
      if (!isDue("files")) return;
      log.error(
        "the system has no file left: raise its limit (ulimit -n, LimitNOFILE)",
        {
          open: limits.size,
          limit: limits.max,
        },
      );
    },
    onTrouble(port, error) {
      log.warn("port accepts no connections", { port, error });
    },
  });
  registerConnectionLimits(metrics, limits);
  return limits;
}

/** Says whether something may be logged: once in {@linkcode LOG_INTERVAL} for each key. */
function onceInAWhile(): (key: string) => boolean {
  const last = new Map<string, number>();
  return function isDue(key) {
    const now = performance.now();
    if (now - (last.get(key) ?? -Infinity) < LOG_INTERVAL) return false;
    last.set(key, now);
    return true;
  };
}
