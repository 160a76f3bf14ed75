import { systemClock } from "../../async/clock.ts";
import { databasePath } from "../../config/data_dir.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { TunnelController } from "./controller.ts";
import { organizationLimits } from "./organization_limit.ts";
import { logTunnels } from "./log_tunnels.ts";
import { watchRevocations } from "./revocation_watcher.ts";
import { TunnelRegistry } from "./registry.ts";
import { DEFAULT_REQUESTS } from "./recent/recent_requests.ts";
import { compileRestored, restoreTunnels } from "./restore_tunnels.ts";
import type { StorageHealth } from "../../store/storage_health.ts";
import type { SharedTables } from "../accounts/shared_tables.ts";
import { TunnelHistory } from "./tunnel_history.ts";
import { MAX_EXCHANGES } from "./tunnel_limits.ts";
import { persistTunnels, TunnelStore } from "./tunnel_store.ts";

/** What the tunnels of a server need. */
export interface TunnelServicesOptions {
  /** Directory of the database that keeps them. */
  readonly dataDir: string;
  readonly accounts: Accounts;
  /** What is known of writes to the database. */
  readonly health?: StorageHealth;
  readonly shares: SharedTables;
  /** Exchanges that each tunnel may run at the same time. Default 4096. */
  readonly tunnelMaxExchanges?: number;
  /** Bytes of content per second and direction of each tunnel; 0 (default) means no limit. */
  readonly tunnelRateLimit?: number;
  /** Latest requests of each tunnel that are kept for its page; 0 keeps none. Default 100. */
  readonly tunnelRequests?: number;
}

/** The tunnels of a server. */
export interface TunnelServices {
  readonly registry: TunnelRegistry;
  readonly controller: TunnelController;
  readonly history: TunnelHistory;
}

/** Starts what manages tunnels, as `parts`, and restores those of the previous run. */
export function startTunnelServices(
  {
    dataDir,
    accounts,
    health,
    shares,
    tunnelMaxExchanges: maxExchanges = MAX_EXCHANGES,
    tunnelRateLimit: rate = 0,
    tunnelRequests: requests = DEFAULT_REQUESTS,
  }: TunnelServicesOptions,
  parts: AsyncDisposableStack,
): TunnelServices {
  const registry = new TunnelRegistry({
    limits: { maxExchanges, rate, requests },
    shares,
  });
  const controller = parts.use(
    new TunnelController(registry, {
      audit: accounts.audit,
      limitOf: organizationLimits(accounts),
    }),
  );
  parts.use(logTunnels(registry));
  parts.use(watchRevocations({ accounts, registry, controller }));
  const store = parts.use(new TunnelStore(databasePath(dataDir), { health }));
  restoreTunnels(registry, store, accounts);
  // Stops before the controller ends all tunnels, so that they come back.
  parts.use(persistTunnels(registry, store));
  parts.use(compileRestored(registry, controller));
  const history = parts.use(new TunnelHistory(registry, systemClock));
  return { registry, controller, history };
}
