/**
 * Forwards requests to sites from the network that it runs in. It stores no
 * content and changes none.
 */
import type { Handler } from "../http/exchange.ts";
import type { HeaderRule } from "../http/header_rules.ts";
import {
  type FindCredentials,
  findCredentials,
  type SiteCredentials,
} from "../http/site_credentials.ts";
import {
  fieldSectionSize,
  type HeaderLimits,
  RESPONSE_LIMITS,
} from "../http1/parse/header_limits.ts";
import type { ConnectionMetrics } from "../metrics/connection_metrics.ts";
import type { DialMetrics } from "../metrics/dial_metrics.ts";
import type { Address } from "../net/address/address.ts";
import {
  type Connect,
  createConnect,
  type UnverifiedHosts,
} from "../net/dial/connect.ts";
import { countedConnect } from "../net/dial/counted_connect.ts";
import { createDial, type Dial } from "../net/dial/dial.ts";
import type { OnPhase } from "../net/dial/dial_phases.ts";
import { DomainList } from "../net/domains/domain_list.ts";
import { addressesOf, type NameResolver } from "../net/names/name_resolver.ts";
import type { Resolver } from "../net/names/resolver.ts";
import {
  denyLocalAddresses,
  type LocalhostMode,
  refuseOwnPort,
} from "./local_rules.ts";
import { roundTrip, type Transport } from "./round_trip.ts";
import {
  type ChooseProxies,
  type ResolveRoutes,
  resolveRoutes,
  type RoutePlugins,
} from "./routes.ts";
import { SiteConnections } from "./sites/site_connections.ts";
import { type RateSettings, throttle } from "./throttle.ts";
import type { UpstreamOption } from "./upstream/upstream_error.ts";

/** How sites are reached. Durations are in milliseconds. */
export interface ForwarderOptions {
  /** From names to addresses, and the source of each, where no plugin knows better. */
  readonly resolve: NameResolver;
  readonly localhost: LocalhostMode;
  /** Whether link-local and cloud metadata addresses may be reached. Default `false`. */
  readonly privateMetadata?: boolean;
  /** Counts the direct connections to sites. */
  readonly connectionMetrics?: ConnectionMetrics;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Where they come from, for messages; in the same order. */
  readonly caFiles?: readonly string[] | undefined;
  /** Chooses the upstream proxies. Default: none. */
  readonly choose?: ChooseProxies | undefined;
  /** What they come from, for messages. Default `--proxy`. */
  readonly chosenBy?: UpstreamOption;
  /** Credentials for sites, and for the upstream proxy. */
  readonly credentials?: readonly SiteCredentials[];
  /** Hosts whose certificate is not verified. Default: none. */
  readonly unverified?: UnverifiedHosts | undefined;
  /** Notified of how long the steps to connections take. Default: nobody is. */
  readonly onPhase?: OnPhase | undefined;
  /** Limits of the bytes per second to and from sites. Default: no limit. */
  readonly rates?: RateSettings | undefined;
  /** Counts attempts to connect. Default: not counted. */
  readonly dialMetrics?: DialMetrics | undefined;
  /** Header rules for CONNECT requests to an upstream proxy. Default: none. */
  readonly connectHeaders?: readonly HeaderRule[] | undefined;
  /** Plugins, whose hooks may resolve names and lead connections elsewhere. The caller disposes them. */
  readonly plugins?: RoutePlugins | undefined;
  /**
   * Hosts to which no plugin may lead a connection, as `DomainList` reads them.
   * Requests for them are refused elsewhere. Default: none.
   */
  readonly denyDomains?: readonly string[] | undefined;
  /** The proxy's own listening address, to which it refuses to connect. Default: none. */
  readonly ownAddress?: (() => Address | undefined) | undefined;
  readonly dialAttempts?: number;
  readonly dialBackoff?: number;
  /** For all attempts together, and for an upstream proxy to connect; 0 means no limit. */
  readonly dialTimeout?: number;
  readonly handshakeTimeout?: number;
  /** 0 means no limit. */
  readonly responseHeaderTimeout?: number;
  /** Limits of the header sections of responses. */
  readonly headerLimits?: HeaderLimits;
  /** How long an unused connection to a site is kept. */
  readonly idleTimeout?: number;
}

/** Sends requests to their sites over connections that it keeps. Disposing closes them. */
export interface Forwarder extends AsyncDisposable {
  /** Sends one request and gives the response. Throws what goes wrong. */
  readonly roundTrip: Handler;
}

/**
 * Makes a forwarder.
 *
 * @throws {SyntaxError} When `denyDomains` has an invalid regular expression.
 */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { rates = {}, headerLimits = RESPONSE_LIMITS } = options;
  const credentials = findCredentials(options.credentials ?? []);
  const transport: Transport = {
    resolveRoutes: throttle(routesOf(options, credentials), rates),
    credentials,
    sites: new SiteConnections({
      idleTimeout: options.idleTimeout ?? 90_000,
      maxFieldSectionSize: fieldSectionSize(headerLimits),
    }),
    headerLimits,
    responseHeaderTimeout: options.responseHeaderTimeout ?? 0,
  };
  return {
    roundTrip: (request, context) => roundTrip(request, context, transport),
    [Symbol.asyncDispose]: () => transport.sites[Symbol.asyncDispose](),
  };
}

function routesOf(
  options: ForwarderOptions,
  credentials: FindCredentials,
): ResolveRoutes {
  const { caCerts = [], caFiles, unverified } = options;
  const { handshakeTimeout = 10_000 } = options;
  const { plugins, choose, connectionMetrics, denyDomains = [] } = options;
  const { localhost, privateMetadata = false } = options;
  const rules = { localhost, privateMetadata };
  const denied = plugins === undefined || denyDomains.length === 0
    ? undefined
    : DomainList.parse(denyDomains);
  const dialWith = (resolve: Resolver) =>
    refuseOwnPort(
      createDial({
        resolve,
        attempts: options.dialAttempts ?? 3,
        backoff: options.dialBackoff ?? 1_000,
        timeout: options.dialTimeout ?? 25_000,
        onPhase: options.onPhase,
        onRetry: () => options.dialMetrics?.retry(),
      }),
      options.ownAddress ?? nowhere,
    );
  const guarded = (resolve: NameResolver): Dial =>
    dialWith(denyLocalAddresses(resolve, rules));
  const { onPhase } = options;
  const shared = { caCerts, caFiles, handshakeTimeout, unverified, onPhase };
  const connectBy = (dial: Dial): Connect => {
    const connect = createConnect({ ...shared, dial });
    return connectionMetrics === undefined
      ? connect
      : countedConnect(connect, connectionMetrics);
  };
  // The user has named the upstream proxy: it may have any address.
  const reach = {
    ...shared,
    option: options.chosenBy ?? "--proxy",
    dial: dialWith(addressesOf(options.resolve)),
    connectTimeout: options.dialTimeout ?? 25_000,
    connectHeaders: options.connectHeaders ?? [],
  } as const;
  const dial = guarded(options.resolve);
  return resolveRoutes({
    direct: connectBy(dial),
    directTo: (addresses) =>
      connectBy(
        guarded(() => Promise.resolve({ addresses, source: "network" })),
      ),
    choose,
    rules,
    credentials,
    reach,
    reachFrom: (plugin) => ({ ...reach, dial, option: `plugin "${plugin}"` }),
    plugins,
    isDenied: (hostname) => denied?.matches(hostname) ?? false,
  });
}

function nowhere(): undefined {}
