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
import type { ConnectionLimits } from "../net/listen/connection_limits.ts";
import { type Address, formatAddress } from "../net/address/address.ts";
import { proxyUrlOf } from "../net/address/proxy_address.ts";
import { type Accounts, openAccounts } from "./accounts/accounts.ts";
import { logStartupWarnings } from "./startup_warnings.ts";
import { StorageHealth } from "../store/storage_health.ts";
import { claimDataDirectory } from "../store/data_directory.ts";
import { requestHeaders, unlimited } from "./browser_ports.ts";
import { Listeners } from "./listeners.ts";
import {
  advertiser,
  type OpenPorts,
  tunnelPageUrl,
} from "./ports/advertise.ts";
import { BROWSER_LIMITS } from "./ports/shared_port.ts";
import { FirstUseAudit } from "./accounts/audit_first_uses.ts";
import { LoginGuard } from "./accounts/login_guard.ts";
import type { ServerOptions } from "./options.ts";
import { startAcme } from "./acme_certificate.ts";
import { certificatesView } from "./certificates_view.ts";
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
import {
  logPlainHttp,
  trustedProxiesOf,
  withPlainHttp,
} from "./trusted_proxies.ts";
import type { Advertised } from "./tunnels/tunnel_state.ts";
import { createWebApp, type WebAppOptions } from "./web_app.ts";
import { startSignIn } from "./web/start_sign_in.ts";

/** A running server. Disposing it stops it, as `stop` does. */
export interface Server extends Running {
  /** Address of the REST API and the page: `https://host:port/`. */
  readonly url: string;
  /** Where clients connect: a port of their own, or that of `url`. */
  readonly tunnelAddress: Address;
  /** Address of the proxy without TLS; where there is none, that of `url`. */
  readonly proxyAddress: Address;
  /** The proxy for browsers on this machine: `http://host:port`, or `https://host:port`. */
  readonly proxyUrl: string;
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
  return await startParts(withPlainHttp(options));
}

async function startParts(options: ServerOptions): Promise<Server> {
  await using parts = new AsyncDisposableStack();
  parts.use(await claimDataDirectory(options.dataDir));
  const { identity, files, ca } = await loadOwnCertificate(options);
  const { storage, accounts } = await openStorage(options, parts);
  options.signal?.throwIfAborted();
  const shares = new SharedTables(accounts);
  const needs = { ...options, accounts, shares, health: storage };
  const { registry, controller, history } = startTunnelServices(needs, parts);
  const guard = loginGuard(options, { accounts, shares });
  const prober = new Prober();
  const uses = new FirstUseAudit(accounts.audit, { shares });
  const watch = parts.use(new PermissionWatcher(accounts));
  const secured = { shares, headers: requestHeaders(options) };
  const tls = await startInterception(options, secured, parts);
  const certificates = watchCertificates(options, [files, tls.files], parts);
  const signIn = startSignIn(options, { accounts, shares }, parts);
  const metrics = createServerMetrics(options, {
    ...{ certificates, guard, accounts, registry, shares, watch, storage },
    ...signIn,
  }, parts);
  const limits = connectionLimits(options, metrics);
  const httpLog = httpLogTable(options.httpLog ?? []);
  const site: { url?: string } = {};
  const listeners = parts.use(
    new Listeners(options, {
      ...{ limits, watch, shares, health: storage, identity },
      httpLog: httpLog.proxy,
      authorization: { guard, registry, prober, accounts, uses },
      metrics: new ProxyMetrics(metrics),
      interceptor: tls.interceptor,
      tunnelPage: (id) => tunnelPageUrl(id, options, site.url),
    }),
  );
  const health = startHealthChecks({ storage, listeners, metrics });
  const ports = (): OpenPorts => portsOf({ api, listeners }, options);
  const hasOwnCa = () => ca() !== undefined;
  const shown = { certificates, hasOwnCa, renewal: () => acme.renewal };
  const app = createWebApp({
    ...{ accounts, registry, controller, history, guard, watch, shares },
    limits: restLimits(options),
    ...{ ...signIn, metrics, health, onRequest: requestCounter(metrics) },
    probe: (tunnel) => prober.probe(tunnel, listeners.proxyPath),
    advertise: advertiser(options, ports, hasOwnCa),
    ...{ version: VERSION.version, httpLog: httpLog.api },
    ...{ isStopping: () => listeners.isClosing, caFile: () => ca()?.file },
    certificates: certificatesView(options, shown),
    browserCaPem: tls.caPem,
  });
  const { shared } = listeners;
  const api = parts.use(serveRest(app, options, { identity, limits, shared }));
  site.url = api.url;
  const issuing = { certificates, limits, metrics, identity };
  const acme = startAcme(options, issuing, parts);
  // Once more, so that they close first: the API reports the stop meanwhile.
  parts.use(listeners);
  const started = { api, listeners, ca, caPem: tls.caPem, ...acme };
  logAddresses(started, options);
  return serverOf(started, options, parts.move());
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

/** The ports that are open. */
function portsOf(
  { api, listeners }: Pick<Started, "api" | "listeners">,
  { httpsProxy = true, plainHttp = false }: ServerOptions,
): OpenPorts {
  return {
    shared: { hostname: api.hostname, port: api.port },
    tunnel: listeners.tunnelServer?.address,
    proxy: listeners.proxy?.address,
    // Few balancers that end TLS pass CONNECT on.
    isHttpsProxy: httpsProxy && !plainHttp,
  };
}

function serveRest(
  app: WebApp,
  options: ServerOptions,
  { limits, identity, shared: { around } }:
    & Pick<ServeOptions, "limits" | "identity">
    & Pick<Listeners, "shared">,
): ServedApp {
  const { address = local(8443), loginTimeout, exchangeIdleTimeout } = options;
  return serveApp(app, address, {
    ...{ limits, around, admittedHttp2: BROWSER_LIMITS },
    identity: options.plainHttp === true ? undefined : identity,
    port: "rest",
    loginTimeout,
    silenceTimeout: unlimited(exchangeIdleTimeout),
    headers: requestHeaders(options),
  });
}

function requestCounter(
  metrics: Registry,
): NonNullable<WebAppOptions["onRequest"]> {
  const rest = new RestMetrics(metrics);
  return (operation, status) => rest.count(operation, status);
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
  readonly listeners: Listeners;
  readonly ca: () => CaInfo | undefined;
}

function serverOf(
  { api, listeners, ca, caPem, reload }:
    & Started
    & Pick<Server, "reload">
    & Pick<Interception, "caPem">,
  options: ServerOptions,
  parts: AsyncDisposableStack,
): Server {
  const { shared, tunnel, proxy } = portsOf({ api, listeners }, options);
  const { tunnelServer, proxy: proxyServer } = listeners;
  const done = [api.done, tunnelServer?.done, proxyServer?.done];
  const advertised = advertisedHere({ api, listeners }, options);
  return {
    url: api.url,
    tunnelAddress: tunnel ?? shared,
    proxyAddress: proxy ?? shared,
    proxyUrl: proxyUrlOf(advertised.proxy),
    get ca() {
      return ca();
    },
    get browserCa() {
      return caPem();
    },
    done: Promise.race(done.filter((each) => each !== undefined)),
    reload,
    async stop() {
      log.info("server is stopping");
      await parts.disposeAsync();
      log.info("server shut down cleanly");
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The addresses for programs on this machine. */
function advertisedHere(
  started: Pick<Started, "api" | "listeners">,
  options: ServerOptions,
): Advertised {
  const ports = () => portsOf(started, options);
  return advertiser({}, ports)(new URL(started.api.url));
}

function logAddresses(
  { api, listeners, ca }: Started,
  options: ServerOptions,
): void {
  const ports = portsOf({ api, listeners }, options);
  const { shared, tunnel, proxy, isHttpsProxy } = ports;
  const external = advertiser(options, () => ports)(new URL(api.url));
  logPlainHttp(options);
  log.info("REST API and page", { url: options.externalUrl ?? api.url });
  log.info("clients connect to", {
    address: formatAddress(tunnel ?? shared),
    ...options.externalTunnelAddress && {
      external: formatAddress(external.tunnel),
    },
  });
  log.info("browsers use the proxy", {
    address: formatAddress(proxy ?? shared),
    url: proxyUrlOf(external.proxy),
  });
  if (isHttpsProxy && proxy !== undefined) {
    log.info("browsers use the HTTPS proxy, too", {
      address: formatAddress(shared),
    });
  }
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
