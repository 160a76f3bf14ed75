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
import { ConnectionPool } from "../http1/pool.ts";
import { logger } from "../log/log.ts";
import type { ProxyMetrics } from "../metrics/proxy_metrics.ts";
import {
  type Connect,
  createConnect,
  type UnverifiedHosts,
} from "../net/connect.ts";
import { createDial, type Dial } from "../net/dial.ts";
import type { NameResolver } from "../net/name_resolver.ts";
import type { DomainList } from "../net/domain_list.ts";
import type { Plugins } from "../plugin/plugins.ts";
import { answerErrors } from "./answer_errors.ts";
import { connect } from "./connect.ts";
import { forward } from "./forward.ts";
import { ProxyError } from "./errors.ts";
import { originKey, originOf, type Origins } from "./origin.ts";
import { guardLocal, type LocalhostMode } from "./local_rules.ts";
import { toProxyError } from "./to_proxy_error.ts";
import { upgrade } from "./upgrade.ts";

/** How the proxy reaches origins. Durations are in milliseconds. */
export interface ProxyOptions {
  /** From names to addresses, and on whose word. */
  readonly resolve: NameResolver;
  readonly localhost: LocalhostMode;
  /** Hosts that are refused; none unless given. */
  readonly denied?: DomainList | undefined;
  readonly metrics: ProxyMetrics;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Hosts whose certificate is not verified; none unless given. */
  readonly unverified?: UnverifiedHosts | undefined;
  /** What may change exchanges and where they lead; whoever started them ends them. */
  readonly plugins?: Plugins | undefined;
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
  const origins: Origins = {
    connect: connectOf(options),
    // What other plugins have let lead here may lead elsewhere now.
    keyOf: (target) => `${originKey(target)} ${plugins?.version ?? 0}`,
    pool: new ConnectionPool({ idleTimeout: options.idleTimeout ?? 90_000 }),
    responseHeaderTimeout: options.responseHeaderTimeout ?? 0,
  };
  const carry: Handler = async function carry(request, context) {
    if (denied !== undefined) refuseDenied(request, denied);
    return await carryOut(request, context, origins);
  };
  return {
    carry,
    handler: answerErrors(plugins?.intercept(carry) ?? carry, {
      speaker: "sallyport client",
      toProxyError,
      metrics: options.metrics,
      log,
    }),
    [Symbol.asyncDispose]: () => origins.pool[Symbol.asyncDispose](),
  };
}

function connectOf(options: ProxyOptions): Connect {
  const { caCerts = [], handshakeTimeout = 10_000, unverified } = options;
  const dial = createDial({
    resolve: guardLocal(options.resolve, options.localhost),
    attempts: options.dialAttempts ?? 3,
    backoff: options.dialBackoff ?? 1_000,
    timeout: options.dialTimeout ?? 25_000,
  });
  return createConnect({
    dial: dialThrough(options.plugins, dial),
    caCerts,
    handshakeTimeout,
    unverified,
  });
}

/** The name that was asked for stays the one that the certificate must have. */
function dialThrough(plugins: Plugins | undefined, dial: Dial): Dial {
  if (plugins === undefined) return dial;
  return async function dialThroughPlugins(target, signal) {
    return await dial(await plugins.connect(target, signal), signal);
  };
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
