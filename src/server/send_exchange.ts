/**
 * Sends an exchange through a tunnel: on the session with the fewest exchanges
 * under way, and on another one when that session certainly did nothing with it.
 *
 * @module
 */
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { ProxyError } from "../proxy/errors.ts";
import { TunnelError } from "../tunnel/errors.ts";
import type { TunnelSession } from "../tunnel/session.ts";
import type { Tunnel } from "./tunnel.ts";

/** One failed session is chance, two are bad luck; after three the browser should know. */
const MAX_ATTEMPTS = 3;

/** Where an exchange may go. */
export interface Destination {
  /** They share a name. */
  readonly tunnels: readonly Tunnel[];
  /** Finds them anew for a further attempt: one may be gone. @throws {ProxyError} When there are none. */
  readonly again: () => Promise<readonly Tunnel[]>;
}

/**
 * Gives the answer of the client behind one of the tunnels.
 *
 * @throws {ProxyError} `noSession`, `sessionLost`, `refusedByClient`.
 */
export async function sendExchange(
  { tunnels, again }: Destination,
  request: ProxyRequest,
  context: ExchangeContext,
): Promise<ProxyResponse> {
  const name = tunnels[0]?.name ?? "";
  let candidates = tunnels;
  for (let attempt = 1;; attempt += 1) {
    const session = pickSession(candidates);
    if (session === undefined) throw new ProxyError("noSession", name);
    try {
      return await session.handler(request, context);
    } catch (cause) {
      if (!(cause instanceof TunnelError)) throw cause;
      if (attempt < MAX_ATTEMPTS && isRepeatable(request, cause)) {
        candidates = await again();
        continue;
      }
      const code = cause.code === "lost" ? "sessionLost" : "refusedByClient";
      throw new ProxyError(code, name, { cause });
    }
  }
}

/** The session with the fewest exchanges under way among all members of a pool. */
function pickSession(tunnels: readonly Tunnel[]): TunnelSession | undefined {
  let best: TunnelSession | undefined;
  for (const tunnel of tunnels) {
    const session = tunnel.pickSession();
    if (session === undefined) continue;
    if (best && best.openExchanges <= session.openExchanges) continue;
    best = session;
  }
  return best;
}

/** Content can be sent once only; without it, what the client did not begin may be sent again. */
function isRepeatable(request: ProxyRequest, cause: TunnelError): boolean {
  if (request.kind === "request" && request.body !== undefined) return false;
  return cause.retryable;
}
