/**
 * Sends an exchange through a tunnel: the one with the fewest exchanges under
 * way, and on another session when that session is lost and sending it again
 * does no harm.
 *
 * @module
 */
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { isIdempotent } from "../../http/methods.ts";
import { logger } from "../../log/log.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { TunnelError } from "../../tunnel/errors.ts";
import type { TunnelSession } from "../../tunnel/session.ts";
import { limitContentRate } from "./limit_content_rate.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

const log = logger("proxy");

/** One failed session is chance, two are bad luck; after three the browser should know. */
const MAX_ATTEMPTS = 3;

/** What an exchange may use. */
export interface AuthorizedTunnels {
  /** They share a name. */
  readonly tunnels: readonly Tunnel[];
  /** What it belongs to. */
  readonly job?: string | undefined;
}

/** Where an exchange may go. */
export interface Destination extends AuthorizedTunnels {
  /** Finds them anew for a further attempt: one may be gone. @throws {ProxyError} When there are none. */
  readonly again: () => Promise<AuthorizedTunnels>;
}

/**
 * Gives the answer of the client behind one of the tunnels.
 *
 * @throws {ProxyError} `noSession`, `tunnelFull`, `sessionLost`, `refusedByClient`.
 */
export async function dispatch(
  { tunnels, job, again }: Destination,
  request: ProxyRequest,
  context: ExchangeContext,
): Promise<ProxyResponse> {
  const name = tunnels[0]?.name ?? "";
  // After the asker was given anything, there is no second try.
  let hasInformed = false;
  const watched: ExchangeContext = {
    ...context,
    inform(status, fields) {
      hasInformed = true;
      context.inform(status, fields);
    },
  };
  let candidates = tunnels;
  let failure: ProxyError | undefined;
  for (let attempt = 1;; attempt += 1) {
    const place = pickPlace(candidates);
    if (place === undefined) {
      throw failure ?? noPlace(candidates, request);
    }
    try {
      return await carry({ ...place, job }, request, watched);
    } catch (cause) {
      if (!(cause instanceof TunnelError)) throw cause;
      const code = cause.code === "lost" ? "sessionLost" : "refusedByClient";
      const error = new ProxyError(code, name, { cause });
      const isRepeatable = !hasInformed && mayRepeat(request, cause);
      place.tunnel.failures.note(request, error);
      if (attempt === MAX_ATTEMPTS || !isRepeatable) throw error;
      // Of an exchange that was begun, that is the news; else it is what comes next.
      failure ??= cause.retryable ? undefined : error;
      ({ tunnels: candidates } = await again().catch((gone) => {
        throw failure ?? gone;
      }));
      const { id } = context;
      log.info("exchange is sent again", { id, tunnel: name, attempt, code });
    }
  }
}

interface Place {
  readonly tunnel: Tunnel;
  readonly session: TunnelSession;
}

/** A session of the member of a pool that has the fewest exchanges under way. */
function pickPlace(tunnels: readonly Tunnel[]): Place | undefined {
  let best: Place | undefined;
  for (const tunnel of tunnels) {
    if (best && best.tunnel.openExchanges <= tunnel.openExchanges) continue;
    const session = tunnel.pickSession();
    if (session !== undefined) best = { tunnel, session };
  }
  return best;
}

/** Why no session takes the exchange; all tunnels that could have had one note it. */
export function noPlace(
  tunnels: readonly Tunnel[],
  request: ProxyRequest,
): ProxyError {
  const name = tunnels[0]?.name ?? "";
  const isFull = tunnels.some((tunnel) => tunnel.isFull);
  const error = new ProxyError(isFull ? "tunnelFull" : "noSession", name);
  for (const { failures } of tunnels) failures.note(request, error);
  return error;
}

/** Sends an exchange on a session; as long as it is under way, it is one of its job. */
async function carry(
  { tunnel, session, job }: Place & { readonly job: string | undefined },
  request: ProxyRequest,
  context: ExchangeContext,
): Promise<ProxyResponse> {
  const send = limitContentRate(session.handler, tunnel.rates);
  const counted = job === undefined
    ? context
    : { ...context, onClosed: tunnel.jobs.begin(job) };
  const response = await send(request, counted);
  tunnel.failures.noteAnswer(request, response);
  return response;
}

/**
 * Content can be sent once only. Without it, what the client did not begin may
 * be sent again; what was lost on the way may have reached the site, so its
 * method must mean the same when it comes twice (RFC 9110 §9.2.2).
 */
function mayRepeat(request: ProxyRequest, cause: TunnelError): boolean {
  if (request.kind === "request" && request.body !== undefined) return false;
  if (cause.retryable) return true;
  return cause.code === "lost" && request.kind === "request" &&
    isIdempotent(request.method);
}
