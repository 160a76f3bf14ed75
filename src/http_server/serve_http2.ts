import { timer } from "../async/timer.ts";
import type { Handler } from "../http/exchange.ts";
import { ExchangeAborted } from "../http/exchange_aborted.ts";
import type {
  Http2Server,
  Http2ServerStream,
  RaisedLimits,
} from "../http2/api.ts";
import type { Http2Options } from "../http2/options.ts";
import { ErrorCode } from "../http2/errors.ts";
import { startHttp2Server } from "../http2/server.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { HTTP2_MESSAGES } from "./http2_messages.ts";
import { serveStream } from "./serve_stream.ts";

/** How a connection is served. */
export interface ServeHttp2Options {
  /** Ends the connection in order: after its exchanges. */
  readonly signal: AbortSignal;
  /** How long the connection may have no request, in milliseconds; read at the start of each idle time. Default: for ever. */
  readonly idleTimeout?: () => number;
  /** Limits of the connection; those of HTTP/2 by default. */
  readonly http2?: Http2Options | undefined;
  /** Limits of a peer that may be here, and whether it may by now. Default: they stay as they are. */
  readonly admitted?: {
    readonly limits: RaisedLimits;
    readonly isAdmitted: () => boolean;
  } | undefined;
  /** Field of the responses to requests that cannot be read, as over HTTP/1. Default: none. */
  readonly errorField?: string | undefined;
  /** Makes the id of an exchange for log lines; numbers in base 36 by default. */
  readonly exchangeId?: () => string;
  /** Called with what ended an exchange early, other than the peer. */
  readonly onError?: (cause: unknown, id: string) => void;
}

/** A peer that has vanished is noticed within about a minute, in milliseconds. */
const PING_INTERVAL = 60_000;

let lastId = 0;

function nextId(): string {
  return `h${(++lastId).toString(36)}`;
}

/**
 * Serves HTTP/2 on `conn`, which it closes.
 *
 * @returns When the connection and its exchanges have ended, however they did.
 */
export async function serveHttp2(
  conn: ByteStream,
  handler: Handler,
  {
    signal,
    idleTimeout,
    http2,
    admitted,
    errorField,
    exchangeId = nextId,
    onError,
  }: ServeHttp2Options,
): Promise<void> {
  const open = new Set<Promise<void>>();
  using idle = new IdleTimer(idleTimeout, () => drain());
  let limits = admitted?.limits;
  const connection: Http2Server = startHttp2Server(conn, {
    ...http2,
    pingInterval: PING_INTERVAL,
    onStream(stream) {
      idle.stop();
      if (limits !== undefined && admitted?.isAdmitted() === true) {
        connection.raiseLimits(limits);
        limits = undefined;
      }
      const served = serve(stream).finally(() => {
        open.delete(served);
        if (open.size === 0) idle.start();
      });
      open.add(served);
    },
  });
  const drain = () => void connection.drain().catch(ignore);
  idle.start();
  if (signal.aborted) drain();
  signal.addEventListener("abort", drain);
  await connection.done.catch(ignore);
  signal.removeEventListener("abort", drain);
  await Promise.all(open);

  async function serve(stream: Http2ServerStream): Promise<void> {
    const id = exchangeId();
    try {
      const codec = HTTP2_MESSAGES;
      await serveStream(stream, { handler, codec, id, errorField });
    } catch (cause) {
      if (cause instanceof ExchangeAborted) {
        stream.reset(ErrorCode.CANCEL);
        return;
      }
      if (!stream.signal.aborted) onError?.(cause, id);
      stream.reset(ErrorCode.INTERNAL_ERROR);
    }
  }
}

/** Calls `onIdle` when a connection has had no exchange for long enough. */
class IdleTimer implements Disposable {
  readonly #timeout: (() => number) | undefined;
  readonly #onIdle: () => void;
  #timer: Disposable | undefined;

  constructor(timeout: (() => number) | undefined, onIdle: () => void) {
    this.#timeout = timeout;
    this.#onIdle = onIdle;
  }

  start(): void {
    if (this.#timeout === undefined) return;
    this.stop();
    this.#timer = timer(this.#timeout(), this.#onIdle);
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** The peer leaves as it likes. */
function ignore(): void {}
