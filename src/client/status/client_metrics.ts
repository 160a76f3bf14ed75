/** What a client counts of its process, and checks of its machine. */
import { HealthChecks } from "../../async/health_checks.ts";
import { measureLoopLag } from "../../async/loop_lag.ts";
import { VERSION } from "../../config/version.ts";
import { logger } from "../../log/log.ts";
import { registerHealth } from "../../metrics/health_metrics.ts";
import { registerLoggedErrors } from "../../metrics/log_metrics.ts";
import {
  registerDroppedLines,
  registerFiles,
  registerLoopLag,
} from "../../metrics/process_metrics.ts";
import { createRegistry, type Registry } from "../../metrics/registry.ts";
import { checkFiles } from "../../net/listen/check_files.ts";
import { measureFiles } from "../../net/listen/file_budget.ts";
import type { ClientOptions } from "../options.ts";

const log = logger("control");

/** Makes the registry of all metrics of a client, and its checks; what it measures itself is one of `parts`. */
export function createClientMetrics(
  { loggedErrors, droppedLogLines }: ClientOptions,
  parts: AsyncDisposableStack,
): { readonly metrics: Registry; readonly health: HealthChecks } {
  const metrics = createRegistry(VERSION);
  registerLoggedErrors(metrics, loggedErrors);
  registerDroppedLines(metrics, droppedLogLines);
  registerFiles(metrics, measureFiles);
  parts.use(measureLoopLag(registerLoopLag(metrics)));
  const health = new HealthChecks({ files: () => checkFiles() }, {
    onChange(check, reason) {
      if (reason === undefined) {
        log.info("health check passes again", { check });
      } else log.error("health check fails", { check, reason });
    },
  });
  registerHealth(metrics, health);
  return { metrics, health };
}
