/**
 * HTTP/2 to a browser, on a connection whose TLS was ended.
 *
 * @module
 */
import type { Handler } from "../http/exchange.ts";
import type { Http2ServerStream } from "../http2/api.ts";
import { ErrorCode } from "../http2/error_codes.ts";
import { startHttp2Server } from "../http2/server.ts";
import type { ByteStream } from "../net/byte_stream.ts";
import { serveStream } from "../tunnel/serve_stream.ts";
import { BROWSER_CODEC } from "./browser_codec.ts";

/** How a connection is served. */
export interface ServeHttp2Options {
  /** Ends the connection in order: after the exchanges under way. */
  readonly signal: AbortSignal;
  /** Names an exchange on log lines. */
  readonly exchangeId: () => string;
  /** Told what ended an exchange early, other than the browser. */
  readonly onError?: (cause: unknown, id: string) => void;
}

/** A browser that has vanished without a word is noticed within a minute or so. */
const PING_INTERVAL = 60_000;

/**
 * Serves HTTP/2 on `conn`, which it closes.
 *
 * @returns When the connection and its exchanges have ended, however they did.
 */
export async function serveHttp2(
  conn: ByteStream,
  handler: Handler,
  { signal, exchangeId, onError }: ServeHttp2Options,
): Promise<void> {
  const open = new Set<Promise<void>>();
  const connection = startHttp2Server(conn, {
    pingInterval: PING_INTERVAL,
    onStream(stream) {
      const served = serve(stream).finally(() => open.delete(served));
      open.add(served);
    },
  });
  const drain = () => void connection.drain().catch(ignore);
  if (signal.aborted) drain();
  signal.addEventListener("abort", drain);
  await connection.done.catch(ignore);
  signal.removeEventListener("abort", drain);
  await Promise.all(open);

  async function serve(stream: Http2ServerStream): Promise<void> {
    const id = exchangeId();
    try {
      await serveStream(stream, { handler, codec: BROWSER_CODEC, id });
    } catch (cause) {
      if (!stream.signal.aborted) onError?.(cause, id);
      stream.reset(ErrorCode.INTERNAL_ERROR);
    }
  }
}

/** Browsers leave as they like. */
function ignore(): void {}
