/** What the client does with a request, in order. */
import { Fields } from "../../http/fields.ts";
import type { ExchangeContext, Handler } from "../../http/exchange.ts";
import { pipeline } from "../../http/pipeline.ts";
import type { Inspector } from "../../inspector/inspector.ts";
import { httpLogTable } from "../../log/http_log.ts";
import { logger } from "../../log/log.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import type { SenderCounter } from "../../metrics/organization_tallies.ts";
import type { Plugins } from "../../plugin/host/plugins.ts";
import { countSenders } from "../../proxy/count_senders.ts";
import { denyDomains } from "../../proxy/deny_domains.ts";
import { respondToErrors } from "../../proxy/errors/error_responses.ts";
import { toProxyError } from "../../proxy/errors/to_proxy_error.ts";
import { logExchanges } from "../../proxy/log_exchanges.ts";
import { rewriteHeaders } from "../../proxy/rewrite_headers.ts";
import { withinTimeWindow } from "../../proxy/time_window.ts";
import { traceExchanges } from "../../proxy/trace_exchanges.ts";
import { PROBE_HOST } from "../../tunnel/protocol.ts";
import type { ClientOptions } from "../options.ts";
import type { ClientStatus } from "../status/status.ts";
import { clientInspector } from "./client_inspector.ts";
import { openConnects } from "./open_connects.ts";

/** What the steps work with, besides the options. */
export interface ClientPipelineParts {
  /** Sends a request to its site. */
  readonly send: Handler;
  readonly plugins: Pick<Plugins, "intercept" | "wantsMessages"> | undefined;
  readonly metrics: ProxyMetrics;
  /** Counts responses for users and jobs. */
  readonly senders: SenderCounter;
  readonly status: ClientStatus;
}

/** A handler for the requests of browsers, and the inspector that records them. */
export interface ClientPipeline {
  /** Never throws. */
  readonly handler: Handler;
  /** The caller disposes it. */
  readonly inspector: Inspector | undefined;
  /** The steps after the plugins, for requests that plugins send. It throws what goes wrong. */
  readonly behindPlugins: Handler;
}

const COMPONENT = "sallyport client";
const log = logger("proxy");

/**
 * The steps of a request, the outermost first. A step that the options do not
 * need returns the next handler, and costs nothing.
 *
 * @throws {SyntaxError} When `denyDomains` has an invalid regular expression.
 */
export function clientPipeline(
  options: ClientOptions,
  { send, plugins, metrics, senders, status }: ClientPipelineParts,
): ClientPipeline {
  const logMode = httpLogTable(options.httpLog ?? []).proxy;
  const errors = {
    ...{ component: COMPONENT, toProxyError, metrics, log } as const,
    // Who sends requests through a tunnel may see it.
    tunnelPageOf: (_cause: unknown, { user }: ExchangeContext) =>
      user === undefined ? undefined : tunnelPageOf(options, status),
    onFailure: options.onFailure,
  };
  const toErrorPages = (next: Handler): Handler =>
    respondToErrors(next, errors);
  let inspector: Inspector | undefined;
  const record = (next: Handler): Handler => {
    inspector = clientInspector(options, { handler: next, status });
    return inspector?.handler ?? next;
  };
  let behindPlugins = send;
  const intercept = (next: Handler): Handler => {
    behindPlugins = next;
    return plugins?.intercept(next) ?? next;
  };
  const handler = pipeline([
    (next) => answerProbe(next),
    (next) => openConnects(next, { plugins, respondToErrors: toErrorPages }),
    (next) => record(next),
    (next) => traceExchanges(next, COMPONENT),
    (next) => logExchanges(next, logMode, log),
    (next) => countSenders(next, senders),
    (next) => respondToErrors(next, errors),
    (next) => intercept(next),
    (next) => withinTimeWindow(next, options.timeWindow),
    (next) => rewriteHeaders(next, options.headers),
    (next) => denyDomains(next, options.denyDomains),
  ], send);
  return { handler, inspector, behindPlugins };
}

function tunnelPageOf(
  { server }: ClientOptions,
  { tunnel }: ClientStatus,
): string | undefined {
  return tunnel && `${new URL(server).origin}/tunnels/${tunnel.id}`;
}

/** Responds with 204 to the server's probe whether requests pass. */
function answerProbe(next: Handler): Handler {
  return function probeOrNext(request, context) {
    if (request.authority !== PROBE_HOST) return next(request, context);
    return Promise.resolve({
      kind: "response",
      status: 204,
      fields: new Fields(),
      body: undefined,
    });
  };
}
