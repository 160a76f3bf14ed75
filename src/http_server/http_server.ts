import type { Handler } from "../http/exchange.ts";
import type { ErrorHook } from "../http1/server/serve_exchange.ts";
import {
  type OtherProtocol,
  serveHttp1,
  type ServeHttp1Options,
  type TakeOver,
} from "../http1/server/serve.ts";
import {
  type AcceptOptions,
  Acceptor,
  type AnyListener,
} from "../net/listen/acceptor.ts";
import type { AcceptedConnection } from "../net/listen/accepted_connection.ts";
import { acceptTls, NoTlsError } from "../net/tls/accept_tls.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import type { TerminatedTls, TlsIdentity } from "../net/tls/tls_terminator.ts";
import type { RaisedLimits } from "../http2/api.ts";
import type { Http2Options } from "../http2/options.ts";
import { mayBeHttp, redirectPlain } from "./redirect_plain.ts";
import { serveHttp2 } from "./serve_http2.ts";

/** Handles the requests of one connection. */
export interface ConnectionHandler {
  readonly handler: Handler;
  /** What the connection may begin with instead of HTTP. */
  readonly other?: OtherProtocol;
  /** Takes the connection over at an Upgrade, over HTTP/1.1. */
  readonly takeOver?: TakeOver;
  /** Ends the connection in order, as the end of the server does. */
  readonly ending?: AbortSignal;
  /** Called once when the connection has ended. */
  readonly onEnd?: () => void;
}

/** What was agreed on with TLS. */
export type AgreedTls = Pick<TerminatedTls, "protocol" | "serverName">;

/** Limits of requests, as both codecs take them. */
export type RequestHeaders = Pick<
  ServeHttp1Options,
  "errorField" | "headerLimits" | "limitAdvice"
>;

/** How HTTP is served. Times are in milliseconds. */
export interface HttpServerOptions extends Omit<AcceptOptions, "serve"> {
  /**
   * Makes the handler of one connection. The signal is aborted when the server
   * stops. The handler calls `conn.admit()` once the peer may be here.
   *
   * @param tls What was agreed on; `undefined` without TLS.
   */
  readonly handlerOf: (
    conn: AcceptedConnection,
    signal: AbortSignal,
    tls?: AgreedTls,
  ) => ConnectionHandler;
  /** With it the server speaks TLS, and HTTP/2 or HTTP/1.1 inside. */
  readonly identity?: TlsIdentity | undefined;
  /** How long an admitted connection may wait for its next request. Default 1 h: browsers end it sooner. */
  readonly idleTimeout?: number | undefined;
  /** How long a pending connection may wait for its next request. Default 30 s. */
  readonly pendingIdleTimeout?: number | undefined;
  /** How long a handshake may take. Default 10 s. */
  readonly tlsTimeout?: number | undefined;
  /** Limits of requests, and what raises them; those of HTTP/1.1 by default. */
  readonly headers?: RequestHeaders | undefined;
  /** Limits of HTTP/2 connections; those of HTTP/2 by default. */
  readonly http2?: Http2Options | undefined;
  /** Limits of HTTP/2 once the connection is admitted. Default: as before. */
  readonly admittedHttp2?: RaisedLimits | undefined;
  /** Makes the id of an exchange. */
  readonly exchangeId?: () => string;
  /** Called with what the peer is not to blame for: broken requests, handlers that throw. */
  readonly onExchangeError?: ErrorHook;
}

const IDLE_TIMEOUT = 3_600_000;
/** As for a header section: a pending connection gets no more time by asking for little. */
const PENDING_IDLE_TIMEOUT = 30_000;

/**
 * Serves HTTP/1.1 and, over TLS, HTTP/2 on everything that `listener` accepts,
 * until it is disposed.
 */
export function startHttpServer(
  listener: AnyListener,
  options: HttpServerOptions,
): Acceptor {
  return new Acceptor(listener, {
    ...options,
    serve: (conn, signal) => serveConnection(conn, signal, options),
  });
}

async function serveConnection(
  conn: AcceptedConnection,
  signal: AbortSignal,
  options: HttpServerOptions,
): Promise<void> {
  const { identity, tlsTimeout: timeout } = options;
  if (identity === undefined) {
    return await serveOver(conn, { conn, signal }, options);
  }
  let tls: TerminatedTls | undefined;
  try {
    tls = await acceptTls(conn, {
      ...{ identity, signal },
      ...timeout !== undefined && { timeout },
    });
  } catch (cause) {
    if (!(cause instanceof NoTlsError) || !mayBeHttp(cause.firstByte)) {
      throw cause;
    }
    return await redirectPlain(conn);
  }
  if (tls === undefined) return;
  await serveOver(tls.stream, { conn, signal, tls }, options);
}

/** Serves what is spoken on `stream`, which is `conn` or the TLS on it. */
async function serveOver(
  stream: ByteStream,
  { conn, signal: stopping, tls }: {
    readonly conn: AcceptedConnection;
    readonly signal: AbortSignal;
    readonly tls?: AgreedTls;
  },
  options: HttpServerOptions,
): Promise<void> {
  const { exchangeId, onExchangeError } = options;
  const { idleTimeout: longest = IDLE_TIMEOUT } = options;
  const { pendingIdleTimeout = PENDING_IDLE_TIMEOUT } = options;
  const idleTimeout = () =>
    conn.isAdmitted ? longest : Math.min(longest, pendingIdleTimeout);
  const { handler, other, takeOver, ending: signal = stopping, onEnd } = options
    .handlerOf(conn, stopping, tls);
  const common = { signal, idleTimeout, ...exchangeId && { exchangeId } };
  try {
    if (tls?.protocol === "h2") {
      return await serveHttp2(stream, handler, {
        ...common,
        http2: options.http2,
        errorField: options.headers?.errorField,
        admitted: options.admittedHttp2 && {
          limits: options.admittedHttp2,
          isAdmitted: () => conn.isAdmitted,
        },
        onError: (error, id) =>
          onExchangeError?.(error, { id, stage: "handler" }),
      });
    }
    await serveHttp1(stream, handler, {
      ...common,
      ...options.headers,
      scheme: tls === undefined ? "http" : "https",
      ...other && { other },
      ...takeOver && { takeOver },
      ...onExchangeError && { onError: onExchangeError },
    });
  } finally {
    onEnd?.();
  }
}
