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
import { tlsIdentity } from "../net/tls/tls_terminator.ts";
import {
  type Address,
  formatAddress,
  reachableAddress,
} from "../net/address/address.ts";
import { type Accounts, openAccounts } from "./accounts/accounts.ts";
import { logStartupWarnings } from "./startup_warnings.ts";
import { ensureCertificates } from "./tls/certificates.ts";
import { checkKeyPair } from "./tls/check_key_pair.ts";
import { claimDataDirectory } from "./storage/data_directory.ts";
import { Listeners, requestHeaders } from "./listeners.ts";
import { FirstUseAudit } from "./accounts/audit_first_uses.ts";
import { LeafCertificates } from "./interception/leaf_certificates.ts";
import { LoginGuard } from "./accounts/login_guard.ts";
import type { ServerOptions } from "./options.ts";
import { Prober } from "./proxy/probe.ts";
import { type RequestLimits, requestLimits } from "./rest/request_limits.ts";
import { loadInterceptionCa } from "./interception/interception_ca.ts";
import { TlsInterceptor } from "./interception/tls_interceptor.ts";
import { PermissionWatcher } from "./accounts/permission_watcher.ts";
import { SharedTables } from "./accounts/shared_tables.ts";
import { startTunnelServices } from "./tunnels/tunnel_services.ts";
import { auditThrottling } from "./accounts/audit_throttling.ts";
import { startHealthChecks } from "./server_health.ts";
import { createServerMetrics } from "./server_metrics.ts";
import { createWebApp } from "./web_app.ts";

/** A running server. Disposing it stops it, as `stop` does. */
export interface Server extends Running {
  /** Address of the REST API and the page: `https://host:port/`. */
  readonly url: string;
  /** Where clients connect. */
  readonly tunnelAddress: Address;
  /** Address of the proxy for browsers. */
  readonly proxyAddress: Address;
  /** The CA that clients must trust; `undefined` when `tls` was set. */
  readonly ca: CaInfo | undefined;
  /** Accepts no new connections, waits for running exchanges, and ends. */
  stop(reason?: string): Promise<void>;
}

/** The certificate authority that the server has made for itself. */
export interface CaInfo {
  /** Path of the certificate. */
  readonly file: string;
  /** The certificate, in PEM. */
  readonly pem: string;
  /** SHA-256 of the certificate, as `AB:CD:…`. */
  readonly fingerprint: string;
}

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
  const { dataDir, users = [], signal } = options;
  parts.use(await claimDataDirectory(dataDir));
  const { tls, ca } = await loadCertificates(options);
  const accounts = parts.use(openAccounts(databasePath(dataDir)));
  await accounts.bootstrap(users);
  logStartupWarnings(accounts, { dataDir });
  signal?.throwIfAborted();
  const shares = new SharedTables(accounts);
  const { registry, controller, history } = startTunnelServices(
    { ...options, accounts, shares },
    parts,
  );
  const guard = loginGuard(options, { accounts, shares });
  const prober = new Prober();
  const uses = new FirstUseAudit(accounts.audit, { shares });
  const watch = parts.use(new PermissionWatcher(accounts));
  const { interceptor, caPem } = await startInterceptor(options, shares, parts);
  const certificates = { server: tls.cert, "resign_ca": caPem };
  const metrics = createServerMetrics(options, {
    ...{ certificates, guard, accounts, registry, shares, watch },
  }, parts);
  const limits = connectionLimits(options, metrics);
  const httpLog = httpLogTable(options.httpLog ?? []);
  const listeners = parts.use(
    new Listeners(options, {
      ...{ limits, watch, shares, identity: tlsIdentity(tls) },
      httpLog: httpLog.proxy,
      authorization: { guard, registry, prober, accounts, uses },
      metrics: new ProxyMetrics(metrics),
      interceptor,
    }),
  );
  const { tunnelServer, proxy } = listeners;
  const health = startHealthChecks({ dataDir, listeners, metrics }, parts);
  const restMetrics = new RestMetrics(metrics);
  const app = createWebApp({
    ...{ accounts, registry, controller, history, guard, watch, shares },
    limits: restLimits(options),
    ...{ metrics, health },
    onRequest: (operation, status) => restMetrics.count(operation, status),
    probe: (tunnel) => prober.probe(tunnel, reachableAddress(proxy.address)),
    advertise: {
      externalHost: options.externalHost,
      tunnelPort: () => tunnelServer.address.port,
      proxyPort: () => proxy.address.port,
    },
    version: VERSION.version,
    isStopping: () => listeners.isClosing,
    caFile: ca?.file,
    browserCaPem: caPem,
    httpLog: httpLog.api,
  });
  const api = parts.use(serveRest(app, options, { tls, limits }));
  // Once more, so that they close first: the API reports the stop meanwhile.
  parts.use(listeners);
  logAddresses({ api, tunnelServer, proxy, ca });
  return serverOf({ api, tunnelServer, proxy, ca }, parts.move());
}

/** Starts what intercepts TLS, as one of `parts`; `caPem` is the CA that browsers must trust. */
async function startInterceptor(
  options: ServerOptions,
  shares: SharedTables,
  parts: AsyncDisposableStack,
): Promise<{ interceptor: TlsInterceptor; caPem: string }> {
  const ca = await loadInterceptionCa(
    options.interceptionCa,
    options.dataDir,
  );
  const leaves = new LeafCertificates({ ...ca, shares });
  const interceptor = parts.use(
    new TlsInterceptor({ leaves, headers: requestHeaders(options) }),
  );
  return { interceptor, caPem: ca.caPem };
}

function serveRest(
  app: WebApp,
  { address = local(8443), loginTimeout }: ServerOptions,
  shared: Pick<ServeOptions, "limits" | "tls">,
): ServedApp {
  return serveApp(app, address, { ...shared, port: "rest", loginTimeout });
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
  { maxConnections: max, maxConnectionsPerAddress }: ServerOptions,
  metrics: Registry,
): ConnectionLimits {
  const maxPerAddress = maxConnectionsPerAddress;
  return portLimits({ log, metrics, max, maxPerAddress });
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
  readonly ca: CaInfo | undefined;
}

function serverOf(
  { api, tunnelServer, proxy, ca }: Started,
  parts: AsyncDisposableStack,
): Server {
  return {
    url: api.url,
    tunnelAddress: tunnelServer.address,
    proxyAddress: proxy.address,
    ca,
    done: Promise.race([api.done, tunnelServer.done, proxy.done]),
    async stop() {
      log.info("server is stopping");
      await parts.disposeAsync();
      log.info("server shut down cleanly");
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function loadCertificates(
  { dataDir, tls, externalHost, address, tunnelAddress }: ServerOptions,
): Promise<{ tls: { cert: string; key: string }; ca: CaInfo | undefined }> {
  if (tls !== undefined) {
    checkKeyPair(tls);
    return { tls, ca: undefined };
  }
  const hosts = [
    externalHost ?? "",
    address?.hostname ?? "",
    tunnelAddress?.hostname ?? "",
  ].filter(isNameable);
  const made = await ensureCertificates(dataDir, { hosts });
  return {
    tls: { cert: made.certPem, key: made.keyPem },
    ca: {
      file: made.caFile,
      pem: made.caPem,
      fingerprint: made.caFingerprint,
    },
  };
}

function logAddresses({ api, tunnelServer, proxy, ca }: Started): void {
  log.info("REST API and page", { url: api.url });
  log.info("clients connect to", {
    address: formatAddress(tunnelServer.address),
  });
  log.info("browsers use the proxy", { address: formatAddress(proxy.address) });
  if (ca === undefined) return;
  log.info("clients must trust the CA of this server", {
    file: ca.file,
    fingerprint: ca.fingerprint,
  });
}

function local(port: number): Address {
  return { hostname: "127.0.0.1", port };
}

/** Whether a certificate can contain the host. */
function isNameable(host: string): boolean {
  return host !== "" && host !== "0.0.0.0" && host !== "::";
}
