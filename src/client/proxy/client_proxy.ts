/**
 * The proxy of a client, as its options say.
 *
 * @module
 */
import { httpLogTable } from "../../log/http_log.ts";
import { logger } from "../../log/log.ts";
import { ConnectionMetrics } from "../../metrics/connection_metrics.ts";
import { DialMetrics } from "../../metrics/dial_metrics.ts";
import { InsecureMetrics } from "../../metrics/insecure_metrics.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import type { Registry } from "../../metrics/registry.ts";
import type { Address } from "../../net/address/address.ts";
import { DomainList } from "../../net/domains/domain_list.ts";
import {
  firstName,
  fromNetwork,
  type NameResolver,
} from "../../net/names/name_resolver.ts";
import type { Plugins } from "../../plugin/host/plugins.ts";
import { insecureHosts } from "../../proxy/insecure_hosts.ts";
import { createProxy, type Proxy } from "../../proxy/proxy.ts";
import type { ChooseProxies } from "../../proxy/routes.ts";
import { resolverOf } from "./client_plugins.ts";
import type { ClientOptions } from "../options.ts";

const log = logger("proxy");

/** Makes it; whoever calls this disposes it. @throws {SyntaxError} When domains are no regular expressions. */
export function clientProxy(
  {
    dial = {},
    resolve,
    caCerts = [],
    proxyLocalhost = "deny",
    allowPrivateMetadata = false,
    insecureDomains = [],
    headers,
    openHours,
    rates,
    denyDomains = [],
    credentials = [],
    httpLog = [],
  }: ClientOptions,
  { metrics, proxyMetrics, names, plugins, choose, ownAddress }: {
    readonly metrics: Registry;
    readonly proxyMetrics: ProxyMetrics;
    readonly choose: ChooseProxies | undefined;
    readonly names: NameResolver;
    readonly plugins: Plugins | undefined;
    readonly ownAddress: () => Address | undefined;
  },
): Proxy {
  const own = [plugins && resolverOf(plugins), resolve]
    .filter((each) => each !== undefined)
    .map(fromNetwork);
  return createProxy({
    resolve: firstName(...own, names),
    localhost: proxyLocalhost,
    privateMetadata: allowPrivateMetadata,
    choose,
    ownAddress,
    credentials,
    denied: denyDomains.length === 0
      ? undefined
      : DomainList.parse(denyDomains),
    metrics: proxyMetrics,
    connectionMetrics: new ConnectionMetrics(metrics, "dialer"),
    caCerts,
    headers,
    httpLog: httpLogTable(httpLog).proxy,
    openHours,
    rates,
    dialMetrics: new DialMetrics(metrics),
    plugins,
    unverified: insecureHosts(insecureDomains, {
      metrics: new InsecureMetrics(metrics),
      log,
    }),
    dialAttempts: dial.attempts ?? 3,
    dialBackoff: dial.backoff ?? 1_000,
    dialTimeout: dial.timeout ?? 25_000,
    handshakeTimeout: dial.tlsHandshakeTimeout ?? 10_000,
    responseHeaderTimeout: dial.responseHeaderTimeout ?? 0,
    idleTimeout: dial.idleConnTimeout ?? 90_000,
  });
}
