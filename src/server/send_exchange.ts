/**
 * Sends an exchange through a tunnel: on the session with the fewest exchanges
 * under way, and on another one when that session is lost and sending it again
 * does no harm.
 *
 * @module
 */
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { isIdempotent } from "../http/methods.ts";
import { logger } from "../log/log.ts";
import { ProxyError } from "../proxy/errors.ts";
import { TunnelError } from "../tunnel/errors.ts";
import type { TunnelSession } from "../tunnel/session.ts";
import type { Tunnel } from "./tunnel.ts";

const log = logger("proxy");

/** One failed session is chance, two are bad luck; after three the browser should know. */
const MAX_ATTEMPTS = 3;

/** What an exchange may use. */
export interface Granted {
  /** They share a name. */
  readonly tunnels: readonly Tunnel[];
  /** What it belongs to. */
  readonly job?: string | undefined;
}

/** Where an exchange may go. */
export interface Destination extends Granted {
  /** Finds them anew for a further attempt: one may be gone. @throws {ProxyError} When there are none. */
  readonly again: () => Promise<Granted>;
}

/**
 * Gives the answer of the client behind one of the tunnels.
 *
 * @throws {ProxyError} `noSession`, `sessionLost`, `refusedByClient`.
 */
export async function sendExchange(
  { tunnels, job, again }: Destination,
  request: ProxyRequest,
  context: ExchangeContext,
): Promise<ProxyResponse> {
  const name = tunnels[0]?.name ?? "";
  const watched = new WatchedContext(context);
  let candidates = tunnels;
  let failure: ProxyError | undefined;
  for (let attempt = 1;; attempt += 1) {
    const place = pickPlace(candidates);
    if (place === undefined) {
      throw failure ?? new ProxyError("noSession", name);
    }
    try {
      return await carry(place, request, { ...watched.context, job });
    } catch (cause) {
      if (!(cause instanceof TunnelError)) throw cause;
      const code = cause.code === "lost" ? "sessionLost" : "refusedByClient";
      const error = new ProxyError(code, name, { cause });
      const isRepeatable = !watched.hasInformed && mayRepeat(request, cause);
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

/** Notices whether the asker was given anything: after that there is no second try. */
class WatchedContext {
  hasInformed = false;
  readonly context: ExchangeContext;

  constructor(context: ExchangeContext) {
    this.context = {
      ...context,
      inform: (status, fields) => {
        this.hasInformed = true;
        context.inform(status, fields);
      },
    };
  }
}

interface Place {
  readonly tunnel: Tunnel;
  readonly session: TunnelSession;
}

/** The session with the fewest exchanges under way among all members of a pool. */
function pickPlace(tunnels: readonly Tunnel[]): Place | undefined {
  let best: Place | undefined;
  for (const tunnel of tunnels) {
    const session = tunnel.pickSession();
    if (session === undefined) continue;
    if (best && best.session.openExchanges <= session.openExchanges) continue;
    best = { tunnel, session };
  }
  return best;
}

/** Sends an exchange on a session; as long as it is under way, it is one of its job. */
async function carry(
  { tunnel, session }: Place,
  request: ProxyRequest,
  { job, ...context }: ExchangeContext & { readonly job: string | undefined },
): Promise<ProxyResponse> {
  const onClosed = job === undefined ? undefined : tunnel.jobs.begin(job);
  return await session.handler(request, { ...context, onClosed });
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
