/**
 * The client's end of a session: a connection that this side dialled, on which
 * the server opens streams and a handler responds.
 */
import type { Handler } from "../http/exchange.ts";
import { ExchangeAborted } from "../http/exchange_aborted.ts";
import type { Http2Connection, Http2ServerStream } from "../http2/api.ts";
import { ErrorCode, type Http2ErrorCode } from "../http2/errors.ts";
import { startHttp2Server } from "../http2/server.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { serveStream, type StreamCodec } from "../http_server/serve_stream.ts";
import { TunnelError, type TunnelErrorCode } from "./errors.ts";
import { MAX_CONTINUATIONS, MAX_FIELD_SECTION } from "./protocol.ts";
import {
  patienceOf,
  type Signs,
  SILENCE_LIMITS,
  type SilenceLimits,
} from "./silence.ts";
import { encodeFields, readFields } from "./wire_fields.ts";
import { decodeRequest, decodeSender, decodeTunnel } from "./wire_request.ts";
import { encodeInterim, encodeResponse } from "./wire_response.ts";

/** How a session is served. */
export interface ServeSessionOptions {
  /** Answers every exchange; it should not throw: the browser then learns nothing but a reset. */
  readonly handler: Handler;
  /** Answers exchanges that name a tunnel, on a link between two nodes. Default: the name is ignored. */
  readonly handlerOf?: (tunnelId: string) => Handler;
  /** Names an exchange on log lines. */
  readonly exchangeId: () => string;
  /** Exchanges the server may have open at once on this session. */
  readonly maxConcurrentStreams?: number;
  /** Called what ended an exchange early. */
  readonly onError?: (cause: unknown, id: string) => void;
  /** When the session is checked and given up. Default {@linkcode SILENCE_LIMITS}. */
  readonly silence?: SilenceLimits | undefined;
  /** The other sessions of the tunnel. Default: none are known. */
  readonly others?: () => Iterable<Signs>;
}

/** Serves the exchanges that the server opens on `conn`, until either side ends it. */
export function serveSession(
  conn: ByteStream,
  {
    handler,
    handlerOf,
    exchangeId,
    maxConcurrentStreams = 256,
    onError,
    silence = SILENCE_LIMITS,
    others = () => [],
  }: ServeSessionOptions,
): Http2Connection {
  return startHttp2Server(conn, {
    maxConcurrentStreams,
    pingInterval: silence.pingInterval,
    pingTimeout: silence.pingTimeout,
    pingPhase: Math.random(),
    patience: () => patienceOf(others()),
    maxFieldSectionSize: MAX_FIELD_SECTION,
    maxContinuations: MAX_CONTINUATIONS,
    onStream(stream) {
      void serve(stream);
    },
  });

  async function serve(stream: Http2ServerStream): Promise<void> {
    const id = exchangeId();
    try {
      const tunnelId = handlerOf && decodeTunnel(stream.fields);
      const chosen = tunnelId === undefined ? handler : handlerOf?.(tunnelId);
      const options = { handler: chosen ?? handler, codec: WIRE, id };
      await serveStream(stream, options);
    } catch (cause) {
      const code = resetCodeOf(cause);
      if (code !== undefined) return stream.reset(code);
      stream.reset(ErrorCode.INTERNAL_ERROR);
      onError?.(cause, id);
    }
  }
}

/** How a stream says what its exchange failed with; `undefined` where the wire has no word for it. */
function resetCodeOf(cause: unknown): Http2ErrorCode | undefined {
  if (cause instanceof ExchangeAborted) return ErrorCode.CANCEL;
  if (!(cause instanceof TunnelError)) return undefined;
  // It was certainly not begun: the other end may send it again.
  if (cause.retryable) return ErrorCode.REFUSED_STREAM;
  return RESET_CODES[cause.code];
}

/** What happened to the session that an exchange was passed on to. */
const RESET_CODES: Readonly<Partial<Record<TunnelErrorCode, Http2ErrorCode>>> =
  {
    aborted: ErrorCode.CANCEL,
    full: ErrorCode.ENHANCE_YOUR_CALM,
    lost: ErrorCode.CONNECT_ERROR,
  };

const WIRE: StreamCodec = {
  decodeRequest,
  decodeSender,
  encodeResponse,
  encodeInterim,
  encodeFields,
  decodeFields: (list) => readFields(list).fields,
};
