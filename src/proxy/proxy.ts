/**
 * The forward proxy: carries out exchanges in the network it runs in. It keeps
 * no content, and changes none unless a plugin does.
 *
 * @module
 */
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { nameExchange } from "../http/exchange_names.ts";
import { ConnectionPool } from "../http1/client/connection_pool.ts";
import type { HttpLogMode } from "../log/http_log.ts";
import { logger } from "../log/log.ts";
import type { ConnectionMetrics } from "../metrics/connection_metrics.ts";
import type { ProxyMetrics } from "../metrics/proxy_metrics.ts";
import type { Address } from "../net/address/address.ts";
import { createConnect, type UnverifiedHosts } from "../net/dial/connect.ts";
import { countedConnect } from "../net/dial/counted_connect.ts";
import { createDial, type Dial } from "../net/dial/dial.ts";
import type { DomainList } from "../net/domains/domain_list.ts";
import { addressesOf, type NameResolver } from "../net/names/name_resolver.ts";
import type { Resolver } from "../net/names/resolver.ts";
import type { Plugins } from "../plugin/host/plugins.ts";
import { answerErrors } from "./errors/answer_errors.ts";
import { changeHeaders, type HeaderRules } from "./change_headers.ts";
import type { DialMetrics } from "../metrics/dial_metrics.ts";
import { logExchanges } from "./log_exchanges.ts";
import { limitWays, type RateSettings } from "./throttle.ts";
import { keepHours, type OpenHours } from "./time_window.ts";
import { connect } from "./connect.ts";
import { forward } from "./forward.ts";
import { ProxyError } from "./errors/errors.ts";
import { guardLocal, type LocalhostMode } from "./local_rules.ts";
import { originOf, type Origins } from "./origin.ts";
import {
  type FindCredentials,
  findCredentials,
  type SiteCredentials,
} from "../http/site_credentials.ts";
import { refuseOwnPort } from "./own_port.ts";
import { traceExchanges } from "./trace_exchanges.ts";
import { toProxyError } from "./errors/to_proxy_error.ts";
import { upgrade } from "./upgrade.ts";
import { UpstreamRefusal } from "./upstream/upstream_refusal.ts";
import { type ChooseProxies, type FindWays, findWays } from "./routes.ts";

/** How the proxy reaches origins. Durations are in milliseconds. */
export interface ProxyOptions {
  /** From names to addresses, and on whose word. */
  readonly resolve: NameResolver;
  readonly localhost: LocalhostMode;
  /** Whether link-local and cloud metadata addresses may be reached. Default `false`. */
  readonly privateMetadata?: boolean;
  /** Hosts that are refused; none unless given. */
  readonly denied?: DomainList | undefined;
  readonly metrics: ProxyMetrics;
  /** Counts connections to sites that no upstream proxy is asked for. */
  readonly connectionMetrics?: ConnectionMetrics;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Chooses the proxies that sites are reached through; none unless given. */
  readonly choose?: ChooseProxies | undefined;
  /** Credentials for sites, and for the upstream proxy. */
  readonly credentials?: readonly SiteCredentials[];
  /** Hosts whose certificate is not verified; none unless given. */
  readonly unverified?: UnverifiedHosts | undefined;
  /** When exchanges may begin; always unless given. */
  readonly openHours?: OpenHours | undefined;
  /** How fast bytes may flow to and from origins; no limit unless given. */
  readonly rates?: RateSettings | undefined;
  /** Counts connections; nobody does unless given. */
  readonly dialMetrics?: DialMetrics | undefined;
  /** What is changed about header fields, after plugins. */
  readonly headers?: HeaderRules | undefined;
  /** How much of every exchange is logged; nothing unless given. */
  readonly httpLog?: HttpLogMode | undefined;
  /** What may change exchanges and where they lead; whoever started them ends them. */
  readonly plugins?: Plugins | undefined;
  /** Where the proxy listens itself, which it does not connect to. Without it, it listens nowhere. */
  readonly ownAddress?: (() => Address | undefined) | undefined;
  readonly dialAttempts?: number;
  readonly dialBackoff?: number;
  readonly dialTimeout?: number;
  readonly handshakeTimeout?: number;
  /** 0 means no limit. */
  readonly responseHeaderTimeout?: number;
  /** How long an unused connection to an origin is kept. */
  readonly idleTimeout?: number;
}

/** A proxy and its connections to origins, which disposing closes. */
export interface Proxy extends AsyncDisposable {
  /** Carries out an exchange; never throws. */
  readonly handler: Handler;
  /** Carries out an exchange past plugins; throws what goes wrong, for whoever answers that himself. */
  readonly carry: Handler;
}

const log = logger("proxy");

/** Makes a proxy. */
export function createProxy(options: ProxyOptions): Proxy {
  const { plugins, denied } = options;
  const credentials = findCredentials(options.credentials ?? []);
  const origins: Origins = {
    findWays: limitWays(findWaysOf(options, credentials), options.rates ?? {}),
    // What other plugins have let lead here may lead elsewhere now.
    keyPrefix: () => String(plugins?.version ?? 0),
    credentials,
    pool: new ConnectionPool({ idleTimeout: options.idleTimeout ?? 90_000 }),
    responseHeaderTimeout: options.responseHeaderTimeout ?? 0,
  };
  const send: Handler = async function send(request, context) {
    if (denied !== undefined) refuseDenied(request, denied);
    try {
      return await carryOut(request, context, origins);
    } catch (cause) {
      return refusalOf(cause, request);
    }
  };
  const carry = keepHours(
    changeHeaders(send, options.headers ?? {}),
    options.openHours ?? { frames: [] },
  );
  const answer = answerErrors(plugins?.intercept(carry) ?? carry, {
    speaker: "sallyport client",
    toProxyError,
    metrics: options.metrics,
    log,
  });
  return {
    carry,
    handler: named(
      traceExchanges(
        logExchanges(answer, options.httpLog ?? "none", log),
        "sallyport client",
      ),
      plugins !== undefined || options.unverified !== undefined,
    ),
    [Symbol.asyncDispose]: () => origins.pool[Symbol.asyncDispose](),
  };
}

/** `handler`; where it is wanted, log lines far from the exchange know its id. */
function named(handler: Handler, isWanted: boolean): Handler {
  if (!isWanted) return handler;
  return function naming(request, context) {
    nameExchange(context);
    return handler(request, context);
  };
}

function findWaysOf(
  options: ProxyOptions,
  credentials: FindCredentials,
): FindWays {
  const { caCerts = [], handshakeTimeout = 10_000, unverified } = options;
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
  const guarded = dialWith(guardLocal(options.resolve, rules));
  const shared = { caCerts, handshakeTimeout, unverified };
  const direct = createConnect({
    ...shared,
    dial: dialThrough(plugins, guarded),
  });
  return findWays({
    direct: connectionMetrics === undefined
      ? direct
      : countedConnect(direct, connectionMetrics),
    choose,
    rules,
    credentials,
    // The user has named it, wherever it is.
    reach: {
      ...shared,
      dial: dialWith(addressesOf(options.resolve)),
      redirect: plugins?.connect.bind(plugins),
      connectHeaders: options.headers?.connect ?? [],
    },
  });
}

function nowhere(): undefined {}

/** The name that was asked for stays the one that the certificate must have. */
function dialThrough(plugins: Plugins | undefined, dial: Dial): Dial {
  if (plugins === undefined) return dial;
  return async function dialThroughPlugins(target, signal) {
    return await dial(await plugins.connect(target, signal), signal);
  };
}

/** What an upstream proxy says is passed on, unless it asks for credentials, which the browser does not have. */
function refusalOf(cause: unknown, { authority }: ProxyRequest): ProxyResponse {
  if (!(cause instanceof UpstreamRefusal)) throw cause;
  const { response } = cause;
  if (response.status !== 407) return response;
  throw new ProxyError("upstreamCredentials", authority, { cause });
}

/** The server decides this too; a client trusts its own rules only. */
function refuseDenied(request: ProxyRequest, denied: DomainList): void {
  const { hostname } = originOf(request);
  if (denied.matches(hostname)) throw new ProxyError("domainDenied", hostname);
}

function carryOut(
  request: ProxyRequest,
  context: ExchangeContext,
  origins: Origins,
): Promise<ProxyResponse> {
  switch (request.kind) {
    case "request":
      return forward(request, context, origins);
    case "upgrade":
      return upgrade(request, context, origins);
    case "connect":
      return connect(request, context, origins);
  }
}
