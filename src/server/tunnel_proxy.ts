/**
 * The proxy that browsers use: takes their requests, checks who they are, and
 * sends each through the tunnel they name. TLS passes unopened unless the rules
 * of the tunnel say otherwise.
 *
 * @module
 */
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { viaTag } from "../http/forwarded.ts";
import { serveHttp1 } from "../http1/serve.ts";
import { logger } from "../log/log.ts";
import type { ProxyMetrics } from "../metrics/proxy_metrics.ts";
import { Acceptor } from "../net/accept.ts";
import type { Address } from "../net/address.ts";
import { listenTcp } from "../net/listen.ts";
import { announce } from "../proxy/announce.ts";
import { answerErrors } from "../proxy/answer_errors.ts";
import { ProxyError } from "../proxy/errors.ts";
import { toProxyError } from "../proxy/to_proxy_error.ts";
import { JobMembers, takeJob } from "./job_members.ts";
import { addressOf } from "./inside_tls.ts";
import { isOpened, openConnect } from "./opened_connect.ts";
import {
  checkProxyAccess,
  type ProxyAccessOptions,
  type ProxyGrant,
} from "./proxy_access.ts";
import type { Resigner } from "./resigner.ts";
import { sendExchange } from "./send_exchange.ts";
import { routeOf } from "./traffic_rules.ts";

/** What the tunnel proxy works with. */
export interface TunnelProxyOptions {
  readonly address: Address;
  /** What the credentials of browsers are checked against. */
  readonly access: ProxyAccessOptions;
  readonly metrics: ProxyMetrics;
  /** Opens TLS. */
  readonly resigner: Resigner;
  /** Carries out what the rules of a tunnel lead past it. */
  readonly direct: Handler;
  /** How long exchanges may take to end when it is disposed, in milliseconds. */
  readonly shutdownTimeout?: number;
}

const log = logger("proxy");

/**
 * A keep-alive connection is checked again after this long, so that a removed
 * user is out; checking every request would cost more than the request.
 */
const GRANT_LIFETIME = 10_000;

/** Opens the proxy port. @throws {ListenError} When the address cannot be had. */
export function startTunnelProxy(
  { address, access, metrics, resigner, direct, shutdownTimeout = 30_000 }:
    TunnelProxyOptions,
): Acceptor {
  const tag = viaTag();
  const members = new JobMembers();
  return new Acceptor(listenTcp(address), {
    shutdownTimeout,
    serve: (conn, signal) =>
      serveHttp1(conn, handlerOf(conn, signal), { signal }),
    onError: (cause) =>
      log.debug("connection failed", { cause: String(cause) }),
  });

  function handlerOf(conn: Deno.Conn, signal: AbortSignal): Handler {
    const { remoteAddr } = conn;
    const remote = remoteAddr.transport === "tcp" ? remoteAddr.hostname : "";
    const check = rememberGrant((authorization) =>
      checkProxyAccess(authorization, remote, access)
    );
    return answered(handle);

    function answered(handler: Handler): Handler {
      return answerErrors(announce(handler, { client: remote, tag }), {
        speaker: "sallyport server",
        toProxyError,
        metrics,
        log,
      });
    }

    async function handle(
      request: ProxyRequest,
      context: ExchangeContext,
    ): Promise<ProxyResponse> {
      const authorization = request.fields.get("proxy-authorization");
      request.fields.delete("proxy-authorization");
      const named = takeJob(request.fields);
      const granted = async () => {
        const { job, tunnels } = await check(authorization);
        return members.of(named ?? job, tunnels());
      };
      const tunnels = await granted();
      const { hostname } = addressOf(request.authority);
      const route = routeOf(tunnels, hostname);
      if (route === "deny") throw new ProxyError("domainDenied", hostname);
      if (route === "direct") return await direct(request, context);
      if (request.kind === "connect" && isOpened(tunnels, request)) {
        const options = { context, signal, resigner, granted, answered };
        return openConnect(request, options);
      }
      return await sendExchange({ tunnels, again: granted }, request, context);
    }
  }
}

type CheckGrant = (authorization: string | undefined) => Promise<ProxyGrant>;

/** Browsers repeat their credentials with every request: the same text within a short time is not checked again. */
function rememberGrant(check: CheckGrant): CheckGrant {
  let known: string | undefined;
  let grant: ProxyGrant | undefined;
  let checkedAt = 0;
  return async function checkOnce(authorization) {
    const now = performance.now();
    const fresh = now - checkedAt < GRANT_LIFETIME;
    if (grant && fresh && authorization === known) return grant;
    grant = undefined;
    const found = await check(authorization);
    known = authorization;
    checkedAt = now;
    grant = found;
    return found;
  };
}
