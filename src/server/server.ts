// Starts every part of a server, in order. Stopping ends them in reverse order.
import {
  serveApp,
  type ServedApp,
  type ServeOptions,
  type WebApp,
} from "../api/serving/serve.ts";
import type { Running } from "../async/running.ts";
import { databasePath } from "../config/data_dir.ts";
import { VERSION } from "../config/version.ts";
import { portLimits } from "../http_server/port_limits.ts";
import { httpLogTable } from "../log/http_log.ts";
import { logger } from "../log/log.ts";
import { ProxyMetrics } from "../metrics/proxy_metrics.ts";
import type { Registry } from "../metrics/registry.ts";
import { RestMetrics } from "../metrics/rest_metrics.ts";
import type { Acceptor } from "../net/listen/acceptor.ts";
import type { ConnectionLimits } from "../net/listen/connection_limits.ts";
import {
  type Address,
  formatAddress,
  reachableAddress,
} from "../net/address/address.ts";
import { type Accounts, openAccounts } from "./accounts/accounts.ts";
import { logStartupWarnings } from "./startup_warnings.ts";
import { StorageHealth } from "./storage/storage_health.ts";
import { claimDataDirectory } from "./storage/data_directory.ts";
import { Listeners, requestHeaders } from "./listeners.ts";
import { FirstUseAudit } from "./accounts/audit_first_uses.ts";
import { LoginGuard } from "./accounts/login_guard.ts";
import type { ServerOptions } from "./options.ts";
import { startAcme } from "./acme_certificate.ts";
import { Prober } from "./proxy/probe.ts";
import { type RequestLimits, requestLimits } from "./rest/request_limits.ts";
import {
  type CaInfo,
  type Interception,
  loadOwnCertificate,
  startInterception,
  watchCertificates,
} from "./server_certificates.ts";
import { PermissionWatcher } from "./accounts/permission_watcher.ts";
import { SharedTables } from "./accounts/shared_tables.ts";
import { startTunnelServices } from "./tunnels/tunnel_services.ts";
import { auditThrottling } from "./accounts/audit_throttling.ts";
import { startHealthChecks } from "./server_health.ts";
import { createServerMetrics } from "./server_metrics.ts";
import { logPlainHttp, trustedProxiesOf } from "./trusted_proxies.ts";
import { createWebApp, type WebAppOptions } from "./web_app.ts";

/** A running server. Disposing it stops it, as `stop` does. */
export interface Server extends Running {
  /** Address of the REST API and the page: `https://host:port/`. */
  readonly url: string;
  /** Where clients connect. */
  readonly tunnelAddress: Address;
  /** Address of the proxy for browsers. */
  readonly proxyAddress: Address;
  /** The CA that clients must trust now; `undefined` when the certificate in use is another CA's. */
  readonly ca: CaInfo | undefined;
  /** What browsers must trust for intercepted hosts, in PEM. */
  readonly browserCa: string;
  /** Accepts no new connections, waits for running exchanges, and ends. */
  stop(reason?: string): Promise<void>;
  /** Looks for new certificates now. */
  reload(): Promise<void>;
}

export type { CaInfo } from "./server_certificates.ts";

const log = logger("server");

/**
 * Starts a server. Resolves when clients and browsers can connect.
 *
 * @throws {ListenError} When an address is in use.
 * @throws {DataDirectoryError} When the data directory cannot be used.
 * @throws {DataDirectoryInUseError} When another server uses it.
 * @throws {CertificateError} When a configured certificate, or one in the data directory, cannot be used.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  await using parts = new AsyncDisposableStack();
  const { signal } = options;
  parts.use(await claimDataDirectory(options.dataDir));
  const { identity, files, ca } = await loadOwnCertificate(options);
  const { storage, accounts } = await openStorage(options, parts);
  signal?.throwIfAborted();
  const shares = new SharedTables(accounts);
  const { registry, controller, history } = startTunnelServices(
    { ...options, accounts, shares, health: storage },
    parts,
  );
  const guard = loginGuard(options, { accounts, shares });
  const prober = new Prober();
  const uses = new FirstUseAudit(accounts.audit, { shares });
  const watch = parts.use(new PermissionWatcher(accounts));
  const secured = { shares, headers: requestHeaders(options) };
  const tls = await startInterception(options, secured, parts);
  const certificates = watchCertificates(options, [files, tls.files], parts);
  const metrics = createServerMetrics(options, {
    ...{ certificates, guard, accounts, registry, shares, watch, storage },
  }, parts);
  const limits = connectionLimits(options, metrics);
  const httpLog = httpLogTable(options.httpLog ?? []);
  const listeners = parts.use(
    new Listeners(options, {
      ...{ limits, watch, shares, health: storage, identity },
      httpLog: httpLog.proxy,
      authorization: { guard, registry, prober, accounts, uses },
      metrics: new ProxyMetrics(metrics),
      interceptor: tls.interceptor,
    }),
  );
  const { tunnelServer, proxy } = listeners;
  const health = startHealthChecks({ storage, listeners, metrics });
  const restMetrics = new RestMetrics(metrics);
  const app = createWebApp({
    ...{ accounts, registry, controller, history, guard, watch, shares },
    limits: restLimits(options),
    ...{ metrics, health },
    onRequest: (operation, status) => restMetrics.count(operation, status),
    probe: (tunnel) => prober.probe(tunnel, reachableAddress(proxy.address)),
    advertise: addressesOf(listeners, options),
    version: VERSION.version,
    isStopping: () => listeners.isClosing,
    caFile: () => ca()?.file,
    browserCaPem: tls.caPem,
    httpLog: httpLog.api,
  });
  const api = parts.use(serveRest(app, options, { identity, limits }));
  const issuing = { certificates, limits, metrics, identity };
  const reload = startAcme(options, issuing, parts);
  // Once more, so that they close first: the API reports the stop meanwhile.
  parts.use(listeners);
  const { caPem } = tls;
  const started = { api, tunnelServer, proxy, ca, caPem, reload };
  logAddresses(started, options);
  return serverOf(started, parts.move());
}

/** Opens the users and keys, as one of `parts`. */
async function openStorage(
  { dataDir, users = [] }: ServerOptions,
  parts: AsyncDisposableStack,
): Promise<{ readonly storage: StorageHealth; readonly accounts: Accounts }> {
  const path = databasePath(dataDir);
  const storage = new StorageHealth({ path });
  const accounts = parts.use(openAccounts(path, { health: storage }));
  await accounts.bootstrap(users);
  logStartupWarnings(accounts, { dataDir });
  return { storage, accounts };
}

/** The addresses, as clients get them. */
function addressesOf(
  { tunnelServer, proxy }: Pick<Listeners, "tunnelServer" | "proxy">,
  { externalHost }: ServerOptions,
): WebAppOptions["advertise"] {
  return {
    externalHost,
    tunnelPort: () => tunnelServer.address.port,
    proxyPort: () => proxy.address.port,
  };
}

function serveRest(
  app: WebApp,
  { address = local(8443), loginTimeout, plainHttp = false }: ServerOptions,
  { limits, identity }: Pick<ServeOptions, "limits" | "identity">,
): ServedApp {
  return serveApp(app, address, {
    ...{ limits, port: "rest", loginTimeout },
    identity: plainHttp ? undefined : identity,
  });
}

function loginGuard(
  { loginMaxFailures: maxFailures }: ServerOptions,
  { accounts, shares }: {
    readonly accounts: Accounts;
    readonly shares: SharedTables;
  },
): LoginGuard {
  return new LoginGuard(accounts, {
    maxFailures,
    onThrottle: auditThrottling(accounts),
    onFailure: (user, reason) => shares.tallyOf(user).countLoginFailure(reason),
  });
}

function connectionLimits(
  options: ServerOptions,
  metrics: Registry,
): ConnectionLimits {
  const { maxConnections: max, maxConnectionsPerAddress } = options;
  return portLimits({
    ...{ log, metrics, max, maxPerAddress: maxConnectionsPerAddress },
    trusted: trustedProxiesOf(options),
  });
}

function restLimits(
  { restUserRateLimit, restAddressRateLimit }: ServerOptions,
): RequestLimits {
  return requestLimits({
    perUser: restUserRateLimit,
    perAddress: restAddressRateLimit,
  });
}

interface Started {
  readonly api: ServedApp;
  readonly tunnelServer: Acceptor;
  readonly proxy: Acceptor;
  readonly ca: () => CaInfo | undefined;
}

function serverOf(
  { api, tunnelServer, proxy, ca, caPem, reload }:
    & Started
    & Pick<Server, "reload">
    & Pick<Interception, "caPem">,
  parts: AsyncDisposableStack,
): Server {
  return {
    url: api.url,
    tunnelAddress: tunnelServer.address,
    proxyAddress: proxy.address,
    get ca() {
      return ca();
    },
    get browserCa() {
      return caPem();
    },
    done: Promise.race([api.done, tunnelServer.done, proxy.done]),
    reload,
    async stop() {
      log.info("server is stopping");
      await parts.disposeAsync();
      log.info("server shut down cleanly");
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function logAddresses(
  { api, tunnelServer, proxy, ca }: Started,
  options: ServerOptions,
): void {
  logPlainHttp(options);
  log.info("REST API and page", { url: api.url });
  log.info("clients connect to", {
    address: formatAddress(tunnelServer.address),
  });
  log.info("browsers use the proxy", { address: formatAddress(proxy.address) });
  const made = ca();
  if (made === undefined) return;
  log.info("clients must trust the CA of this server", {
    file: made.file,
    fingerprint: made.fingerprint,
  });
}

function local(port: number): Address {
  return { hostname: "127.0.0.1", port };
}
