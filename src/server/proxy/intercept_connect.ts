/**
 * A CONNECT whose TLS is opened: the requests inside go through the tunnel one
 * by one, as ordinary requests with the scheme https, and the client makes the
 * TLS connection to the site.
 *
 * @module
 */
import type {
  ConnectRequest,
  ExchangeContext,
  Handler,
  ProxyResponse,
} from "../../http/exchange.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { takeJob } from "./job_members.ts";
import { addressOf, insideTls } from "../interception/check_authority.ts";
import { isResigned } from "../interception/intercepted_domains.ts";
import type { Resigner } from "../interception/tls_interceptor.ts";
import { type Granted, sendExchange } from "./dispatch.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import { proveWebSockets } from "../interception/websocket_handshake.ts";

/** What a CONNECT is opened with. */
export interface OpenConnectOptions {
  readonly resigner: Resigner;
  readonly context: ExchangeContext;
  /** Owner of the tunnels. */
  readonly owner: string;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** The tunnels that the credentials of the CONNECT open now. @throws {ProxyError} When they open none. */
  readonly granted: () => Promise<Granted>;
  /** Makes a handler that never throws of one that does. */
  readonly answered: (handler: Handler) => Handler;
  /** The same, whose exchanges are logged and traced. */
  readonly logged: (handler: Handler) => Handler;
}

/** Whether the TLS of this CONNECT is opened. @throws {ProxyError} `badRequest`. */
export function isOpened(
  tunnels: readonly Tunnel[],
  { authority }: ConnectRequest,
): boolean {
  return isResigned(tunnels, addressOf(authority).hostname);
}

/** Answers a CONNECT that is opened. */
export function openConnect(
  request: ConnectRequest,
  { resigner, owner, context, signal, granted, answered, logged }:
    OpenConnectOptions,
): ProxyResponse {
  const inside = insideTls(request, async (inner, innerContext) => {
    // Inside, all are of the job of the CONNECT.
    takeJob(inner.fields);
    const destination = { ...await stillOpened(), again: stillOpened };
    return await sendExchange(destination, inner, innerContext);
  });
  return resigner.open(request, {
    ...{ context, owner, signal },
    inside: (protocol) =>
      logged(protocol === "h2" ? proveWebSockets(inside) : inside),
    outside: answered(async () => {
      const destination = { ...await granted(), again: granted };
      return await sendExchange(destination, request, context);
    }),
  });

  /**
   * A connection can outlive the tunnel it was made for, and the user. What to
   * do then is said to a new CONNECT; inside TLS nobody asks for credentials.
   */
  async function stillOpened(): Promise<Granted> {
    try {
      const found = await granted();
      if (isOpened(found.tunnels, request)) return found;
    } catch (cause) {
      if (!(cause instanceof ProxyError) || cause.status !== 407) throw cause;
    }
    throw new ProxyError("misdirected", request.authority);
  }
}
