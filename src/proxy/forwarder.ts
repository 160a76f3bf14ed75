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
import { createConnect, type UnverifiedHosts } from "../net/dial/connect.ts";
import { countedConnect } from "../net/dial/counted_connect.ts";
import { createDial, type Dial } from "../net/dial/dial.ts";
import { addressesOf, type NameResolver } from "../net/names/name_resolver.ts";
import type { Resolver } from "../net/names/resolver.ts";
import type { Plugins } from "../plugin/host/plugins.ts";
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
} from "./routes.ts";
import { SiteConnections } from "./sites/site_connections.ts";
import { type RateSettings, throttle } from "./throttle.ts";
import type { UpstreamOption } from "./upstream/upstream_error.ts";

/** How sites are reached. Durations are in milliseconds. */
export interface ForwarderOptions {
  /** From names to addresses, and the source of each. */
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
  /** The option that they come from, for messages. Default `--proxy`. */
  readonly chosenBy?: UpstreamOption;
  /** Credentials for sites, and for the upstream proxy. */
  readonly credentials?: readonly SiteCredentials[];
  /** Hosts whose certificate is not verified. Default: none. */
  readonly unverified?: UnverifiedHosts | undefined;
  /** Limits of the bytes per second to and from sites. Default: no limit. */
  readonly rates?: RateSettings | undefined;
  /** Counts attempts to connect. Default: not counted. */
  readonly dialMetrics?: DialMetrics | undefined;
  /** Header rules for CONNECT requests to an upstream proxy. Default: none. */
  readonly connectHeaders?: readonly HeaderRule[] | undefined;
  /** Plugins, whose hooks may resolve names and redirect connections. The caller disposes them. */
  readonly plugins?: Plugins | undefined;
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

/** Makes a forwarder. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { plugins, rates = {}, headerLimits = RESPONSE_LIMITS } = options;
  const credentials = findCredentials(options.credentials ?? []);
  const transport: Transport = {
    resolveRoutes: throttle(routesOf(options, credentials), rates),
    // Other plugins may redirect connections elsewhere.
    keyPrefix: () => String(plugins?.version ?? 0),
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
  const { plugins, choose, connectionMetrics } = options;
  const { localhost, privateMetadata = false } = options;
  const rules = { localhost, privateMetadata };
  const dialWith = (resolve: Resolver) =>
    refuseOwnPort(
      createDial({
        resolve,
        attempts: options.dialAttempts ?? 3,
        backoff: options.dialBackoff ?? 1_000,
        timeout: options.dialTimeout ?? 25_000,
        onRetry: () => options.dialMetrics?.retry(),
      }),
      options.ownAddress ?? nowhere,
    );
  const guarded = dialWith(denyLocalAddresses(options.resolve, rules));
  const shared = { caCerts, caFiles, handshakeTimeout, unverified };
  const direct = createConnect({
    ...shared,
    dial: dialThrough(plugins, guarded),
  });
  return resolveRoutes({
    direct: connectionMetrics === undefined
      ? direct
      : countedConnect(direct, connectionMetrics),
    choose,
    rules,
    credentials,
    // The user has named the upstream proxy: it may have any address.
    reach: {
      ...shared,
      option: options.chosenBy ?? "--proxy",
      dial: dialWith(addressesOf(options.resolve)),
      redirect: plugins?.connect.bind(plugins),
      connectTimeout: options.dialTimeout ?? 25_000,
      connectHeaders: options.connectHeaders ?? [],
    },
  });
}

function nowhere(): undefined {}

/** Lets plugins redirect the connection. The certificate must still name the requested host. */
function dialThrough(plugins: Plugins | undefined, dial: Dial): Dial {
  if (plugins === undefined) return dial;
  return async function dialThroughPlugins(target, signal, exchangeId) {
    const place = await plugins.connect(target, signal, exchangeId);
    return await dial(place, signal, exchangeId);
  };
}
