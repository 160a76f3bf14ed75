import { HealthChecks } from "../async/health_checks.ts";
import { databasePath } from "../config/data_dir.ts";
import { logger } from "../log/log.ts";
import { registerHealth } from "../metrics/health_metrics.ts";
import type { Registry } from "../metrics/registry.ts";
import { checkFiles } from "../net/listen/check_files.ts";
import type { Listeners } from "./listeners.ts";
import { DatabaseProbe } from "./storage/database_probe.ts";

const log = logger("server");

/** Starts the checks of a server, which are logged and counted; what they hold is one of `parts`. */
export function startHealthChecks(
  { dataDir, listeners, metrics }: {
    readonly dataDir: string;
    readonly listeners: Pick<Listeners, "check">;
    readonly metrics: Registry;
  },
  parts: AsyncDisposableStack,
): HealthChecks {
  const database = parts.use(new DatabaseProbe(databasePath(dataDir)));
  const health = new HealthChecks({
    database: () => database.check(),
    files: () => checkFiles(),
    listeners: () => listeners.check(),
  }, {
    onChange(check, reason) {
      if (reason === undefined) {
        log.info("health check passes again", { check });
      } else log.error("health check fails", { check, reason });
    },
  });
  registerHealth(metrics, health);
  return health;
}
