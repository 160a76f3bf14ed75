// The metrics of a server: what its parts count, and what the process has.
import { measureLoopLag } from "../async/loop_lag.ts";
import { VERSION } from "../config/version.ts";
import { registerCertificates } from "../metrics/certificate_metrics.ts";
import { registerLogins } from "../metrics/login_metrics.ts";
import { registerLoggedErrors } from "../metrics/log_metrics.ts";
import {
  registerOrganizations,
  registerSenders,
} from "../metrics/organization_metrics.ts";
import {
  registerDroppedLines,
  registerFiles,
  registerLoopLag,
} from "../metrics/process_metrics.ts";
import { registerSignIns } from "../metrics/login_metrics.ts";
import { createRegistry, type Registry } from "../metrics/registry.ts";
import { registerShares } from "../metrics/share_metrics.ts";
import { registerStorage } from "../metrics/storage_metrics.ts";
import type { CertificateWatch } from "../net/tls/certificate_watch.ts";
import type { StorageHealth } from "../store/storage_health.ts";
import { measureFiles } from "../net/listen/file_budget.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { LoginGuard } from "./accounts/login_guard.ts";
import type { PermissionWatcher } from "./accounts/permission_watcher.ts";
import type { SharedTables } from "./accounts/shared_tables.ts";
import type { ServerOptions } from "./options.ts";
import type { OidcSignIn } from "./web/oidc/oidc.ts";
import { countTunnels } from "./tunnels/count_tunnels.ts";
import type { TunnelRegistry } from "./tunnels/registry.ts";

/** The parts that count. */
export interface MetricSources {
  /** The certificates that are in use. */
  readonly certificates: Pick<CertificateWatch, "certificates">;
  /** What is known of writes to the database. */
  readonly storage: StorageHealth;
  readonly guard: LoginGuard;
  readonly accounts: Accounts;
  readonly registry: TunnelRegistry;
  readonly shares: SharedTables;
  readonly watch: PermissionWatcher;
  /** The sign-in at an identity provider, if there is one. */
  readonly oidc: OidcSignIn | undefined;
}

/** Makes the registry of all metrics of a server; what it measures itself is one of `parts`. */
export function createServerMetrics(
  { loggedErrors, droppedLogLines }: ServerOptions,
  { certificates, guard, accounts, registry, shares, watch, storage, oidc }:
    MetricSources,
  parts: AsyncDisposableStack,
): Registry {
  const metrics = createRegistry(VERSION);
  registerLoggedErrors(metrics, loggedErrors);
  registerDroppedLines(metrics, droppedLogLines);
  registerFiles(metrics, measureFiles);
  parts.use(measureLoopLag(registerLoopLag(metrics)));
  registerStorage(metrics, storage);
  registerCertificates(metrics, () => certificates.certificates);
  registerLogins(metrics, {
    outcomes: () => guard.outcomes,
    hashes: () => accounts.hashCount,
  });
  if (oidc !== undefined) {
    registerSignIns(metrics, {
      outcomes: () => oidc.tally.counts,
      pending: () => oidc.pending.size,
      isUsable: () => oidc.provider.problem === undefined,
    });
  }
  const { evictions, organizations, senders } = shares;
  registerShares(metrics, { evictions, cuts: () => watch.closed });
  registerOrganizations(metrics, {
    organizations,
    tunnels: () => countTunnels(registry),
  });
  registerSenders(metrics, senders, ["organization"]);
  return metrics;
}
