import { logger } from "../../log/log.ts";
import { ConnectionMetrics } from "../../metrics/connection_metrics.ts";
import { DialMetrics, InsecureMetrics } from "../../metrics/dial_metrics.ts";
import type { Registry } from "../../metrics/registry.ts";
import type { Address } from "../../net/address/address.ts";
import type { OnPhase } from "../../net/dial/dial_phases.ts";
import {
  firstName,
  fromNetwork,
  type NameResolver,
} from "../../net/names/name_resolver.ts";
import { insecureHosts } from "../../proxy/insecure_hosts.ts";
import { createForwarder, type Forwarder } from "../../proxy/forwarder.ts";
import type { ChooseProxies, RoutePlugins } from "../../proxy/routes.ts";
import type { ClientOptions } from "../options.ts";

const log = logger("proxy");

/**
 * Makes the forwarder that the options describe. The caller disposes it.
 *
 * @throws {SyntaxError} When `denyDomains` or `insecureDomains` have an invalid regular expression.
 */
export function clientForwarder(
  {
    dial = {},
    resolve,
    caCerts = [],
    caFiles,
    pacText,
    proxyLocalhost = "deny",
    allowPrivateMetadata = false,
    insecureDomains = [],
    headers,
    rates,
    credentials = [],
    denyDomains,
  }: ClientOptions,
  { metrics, names, plugins, choose, ownAddress, onPhase }: {
    readonly metrics: Registry;
    readonly choose: ChooseProxies | undefined;
    readonly names: NameResolver;
    readonly plugins: RoutePlugins | undefined;
    readonly ownAddress: () => Address | undefined;
    readonly onPhase: OnPhase | undefined;
  },
): Forwarder {
  return createForwarder({
    resolve: resolve === undefined
      ? names
      : firstName(fromNetwork(resolve), names),
    localhost: proxyLocalhost,
    privateMetadata: allowPrivateMetadata,
    choose,
    onPhase,
    chosenBy: pacText === undefined ? "--proxy" : "--pac",
    ownAddress,
    credentials,
    connectionMetrics: new ConnectionMetrics(metrics, "dialer"),
    caCerts,
    caFiles,
    connectHeaders: headers?.connect,
    rates,
    dialMetrics: new DialMetrics(metrics),
    plugins,
    denyDomains,
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
    ...dial.headerLimits && { headerLimits: dial.headerLimits },
  });
}
