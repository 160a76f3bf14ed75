/**
 * The client's end of a session: a connection that this side dialled, on which
 * the server opens streams and a handler responds.
 */
import type { Handler } from "../http/exchange.ts";
import { ExchangeAborted } from "../http/exchange_aborted.ts";
import type { Http2Connection, Http2ServerStream } from "../http2/api.ts";
import { ErrorCode } from "../http2/errors.ts";
import { startHttp2Server } from "../http2/server.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { serveStream, type StreamCodec } from "../http_server/serve_stream.ts";
import { MAX_CONTINUATIONS, MAX_FIELD_SECTION } from "./protocol.ts";
import {
  patienceOf,
  type Signs,
  SILENCE_LIMITS,
  type SilenceLimits,
} from "./silence.ts";
import { encodeFields, readFields } from "./wire_fields.ts";
import { decodeRequest, decodeSender } from "./wire_request.ts";
import { encodeInterim, encodeResponse } from "./wire_response.ts";

/** How a session is served. */
export interface ServeSessionOptions {
  /** Answers every exchange; it should not throw: the browser then learns nothing but a reset. */
  readonly handler: Handler;
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
      await serveStream(stream, { handler, codec: WIRE, id });
    } catch (cause) {
      if (cause instanceof ExchangeAborted) {
        stream.reset(ErrorCode.CANCEL);
        return;
      }
      stream.reset(ErrorCode.INTERNAL_ERROR);
      onError?.(cause, id);
    }
  }
}

const WIRE: StreamCodec = {
  decodeRequest,
  decodeSender,
  encodeResponse,
  encodeInterim,
  encodeFields,
  decodeFields: (list) => readFields(list).fields,
};
