import { logger } from "../log/log.ts";
import { registerConnectionLimits } from "../metrics/connection_limit_metrics.ts";
import type { Registry } from "../metrics/registry.ts";
import { ConnectionLimits } from "../net/connection_limits.ts";
import type { ServerOptions } from "./options.ts";

const log = logger("server");

/** A flood is told of in one line a minute, and counted in full in the metrics. */
const LOG_INTERVAL = 60_000;

/** Makes the limits of a server's ports; what they refuse is logged and counted. */
export function connectionLimits(
  { maxConnections, maxConnectionsPerAddress }: ServerOptions,
  registry: Registry,
): ConnectionLimits {
  const isDue = onceInAWhile();
  const limits = new ConnectionLimits({
    max: maxConnections,
    maxPerAddress: maxConnectionsPerAddress,
    onRefusal({ port, reason, address }) {
      // Each idle connection has such an end; it says nothing of a flood.
      if (reason === "silent" || !isDue(`${port} ${reason}`)) return;
      const counts = { open: limits.size, limit: limits.max };
      log.warn("connections are refused", { port, reason, address, ...counts });
    },
    onOutOfFiles() {
      if (!isDue("files")) return;
      log.error("the system has no file left: raise its limit (ulimit -n)", {
        open: limits.size,
        limit: limits.max,
      });
    },
  });
  registerConnectionLimits(registry, limits);
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
