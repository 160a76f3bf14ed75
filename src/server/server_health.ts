import { HealthChecks } from "../async/health_checks.ts";
import { logger } from "../log/log.ts";
import { registerHealth } from "../metrics/health_metrics.ts";
import type { Registry } from "../metrics/registry.ts";
import { checkFiles } from "../net/listen/check_files.ts";
import type { Listeners } from "./listeners.ts";
import type { StorageHealth } from "../store/storage_health.ts";

const log = logger("server");

/** Starts the checks of a server, which are logged and counted. */
export function startHealthChecks({ storage, listeners, metrics }: {
  readonly storage: StorageHealth;
  readonly listeners: Pick<Listeners, "check">;
  readonly metrics: Registry;
}): HealthChecks {
  const health = new HealthChecks({
    database: () => storage.problem(),
    files: () => checkFiles(),
    listeners: () => listeners.check(),
  }, {
    onChange(check, reason) {
      // `StorageHealth` logs it, also when nobody asks.
      if (check === "database") return;
      if (reason === undefined) {
        log.info("health check passes again", { check });
      } else log.error("health check fails", { check, reason });
    },
  });
  registerHealth(metrics, health);
  return health;
}
