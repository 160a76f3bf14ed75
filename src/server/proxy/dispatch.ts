// Sends a request through a tunnel: the one of its pool with the fewest running
// exchanges. A lost session is replaced by another one where a second attempt
// does no harm.
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
  Sender,
} from "../../http/exchange.ts";
import { ExchangeAborted } from "../../http/exchange_aborted.ts";
import type { Fields } from "../../http/fields.ts";
import { isIdempotent } from "../../http/methods.ts";
import { logger } from "../../log/log.ts";
import { ProxyError, type ProxyErrorCode } from "../../proxy/errors/errors.ts";
import { TunnelError, type TunnelErrorCode } from "../../tunnel/errors.ts";
import { PROBE_HOST } from "../../tunnel/protocol.ts";
import type { TunnelSession } from "../../tunnel/session.ts";
import {
  type RecentRequest,
  SLOW_AFTER,
} from "../tunnels/recent/recent_requests.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import type { AuthorizedContext } from "./authorize.ts";
import { limitContentRate } from "./limit_content_rate.ts";

const log = logger("proxy");

/** One lost session is chance, two are bad luck; after three the browser should know. */
const MAX_ATTEMPTS = 3;

/** What a failed session means to the browser; `refusedByClient` for other codes. */
const CODES: Partial<Record<TunnelErrorCode, ProxyErrorCode>> = {
  lost: "sessionLost",
  full: "tunnelFull",
};

/**
 * Returns the response of the client behind one of the tunnels.
 *
 * @throws {ProxyError} `noSession`, `tunnelFull`, `sessionLost`, `refusedByClient`.
 * @throws {ExchangeAborted} When the client ends it without a response.
 */
export async function dispatch(
  request: ProxyRequest,
  context: AuthorizedContext,
): Promise<ProxyResponse> {
  const { tunnels, job, user, reauthorize } = context;
  const name = tunnels[0]?.name ?? "";
  // After an interim response has gone out, there is no second attempt.
  let hasInformed = false;
  const watched = {
    ...context,
    isMovable: isSafe(request),
    inform(status: number, fields: Fields) {
      hasInformed = true;
      context.inform(status, fields);
    },
  };
  let candidates = tunnels;
  let failure: ProxyError | undefined;
  for (let attempt = 1;; attempt += 1) {
    const choice = leastBusy(candidates);
    if (choice === undefined) {
      throw failure ?? noSessionError(candidates, request);
    }
    try {
      return await forward({ ...choice, job, user }, request, watched);
    } catch (cause) {
      if (!(cause instanceof TunnelError)) throw cause;
      if (cause.code === "aborted") {
        throw new ExchangeAborted("a plugin of the client aborts the request");
      }
      const code = CODES[cause.code] ?? "refusedByClient";
      const error = new ProxyError(code, name, { cause });
      const isRepeatable = !hasInformed && mayRepeat(request, cause);
      // On a slow link the second session may be late, too.
      watched.isMovable = false;
      choice.tunnel.failures.note(request, error, job);
      if (attempt === MAX_ATTEMPTS || !isRepeatable) throw error;
      // If the client had begun the request, its loss is what to report;
      // otherwise the result of the further attempts is.
      failure ??= cause.retryable ? undefined : error;
      ({ tunnels: candidates } = await reauthorize().catch((refusal) => {
        throw failure ?? refusal;
      }));
      const { id } = context;
      log.info("request is sent again", { id, tunnel: name, attempt, code });
    }
  }
}

interface Choice {
  readonly tunnel: Tunnel;
  readonly session: TunnelSession;
}

/** A session of the pool's member that has the fewest running exchanges. */
function leastBusy(tunnels: readonly Tunnel[]): Choice | undefined {
  let best: Choice | undefined;
  for (const tunnel of tunnels) {
    if (best && best.tunnel.openExchanges <= tunnel.openExchanges) continue;
    const session = tunnel.pickSession();
    if (session !== undefined) best = { tunnel, session };
  }
  return best;
}

/** Why no session accepts the request. All `tunnels` note the failure. */
export function noSessionError(
  tunnels: readonly Tunnel[],
  request: ProxyRequest,
): ProxyError {
  const name = tunnels[0]?.name ?? "";
  const isFull = tunnels.some((tunnel) => tunnel.isFull);
  const error = new ProxyError(isFull ? "tunnelFull" : "noSession", name);
  for (const { failures } of tunnels) failures.note(request, error);
  return error;
}

/** Sends a request on a session. While it runs, it counts as an exchange of its job. */
async function forward(
  { tunnel, session, job, user }: Choice & Sender,
  request: ProxyRequest,
  context: ExchangeContext,
): Promise<ProxyResponse> {
  const send = limitContentRate(session.handler, tunnel.rates);
  const entry = request.authority === PROBE_HOST
    ? undefined
    : tunnel.requests?.begin(request, { user, job, session: session.id });
  const onJobEnd = job === undefined ? undefined : tunnel.jobs.begin(job);
  const onClosed = entry === undefined ? onJobEnd : (isCut: boolean) => {
    onJobEnd?.();
    entry.end(isCut);
    noteSite(tunnel, request, entry);
  };
  const counted = onClosed === undefined ? context : { ...context, onClosed };
  const response = await send(request, counted);
  entry?.respond(response);
  // It may have ended before anybody saw that it began.
  if (entry?.endAfter !== undefined) noteSite(tunnel, request, entry);
  tunnel.failures.noteResponse(request, response, job);
  return response;
}

/** Notes what the site did wrong, once the response has begun and ended. */
function noteSite(
  { failures: { groups } }: Tunnel,
  request: ProxyRequest,
  { status, isCut, firstByteAfter = 0, job }: RecentRequest,
): void {
  if (request.kind !== "request" || status === undefined) return;
  if (isCut) {
    const sentence =
      "The response ended before it was complete: the site, or " +
      "the connection to it, cut it short";
    groups.add(request, { reason: "site_cut", sentence, status, job });
  } else if (firstByteAfter >= SLOW_AFTER) {
    const sentence = `The site took more than ${
      SLOW_AFTER / 1000
    } s to respond`;
    groups.add(request, { reason: "site_slow", sentence, status, job });
  }
}

/**
 * Whether a second attempt does no harm. Content can be sent only once. What
 * the client did not begin may be sent again, and what was lost later if it is
 * safe. More waiting does not help where the client allows no more.
 */
function mayRepeat(request: ProxyRequest, cause: TunnelError): boolean {
  if (cause.code === "full") return false;
  if (cause.isUnsent && cause.retryable) return true;
  if (request.kind === "request" && request.body !== undefined) return false;
  return cause.retryable || cause.code === "lost" && isSafe(request);
}

/** Whether a request that may have reached the site may be sent again: its method must be idempotent (RFC 9110 §9.2.2). */
function isSafe(request: ProxyRequest): boolean {
  return request.kind === "request" && request.body === undefined &&
    isIdempotent(request.method);
}
