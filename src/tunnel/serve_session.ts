/**
 * The client's end of a session: a connection that this side dialled, on which
 * the server opens streams and a handler answers them.
 *
 * @module
 */
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import type { Http2Connection, Http2ServerStream } from "../http2/api.ts";
import { ErrorCode } from "../http2/error_codes.ts";
import { startHttp2Server } from "../http2/server.ts";
import type { ByteStream } from "../net/byte_stream.ts";
import { pipe } from "../net/pipe.ts";
import { expectsContinue } from "./expect_continue.ts";
import { sendBody, StreamBody } from "./stream_body.ts";
import { decodeRequest } from "./wire_request.ts";
import { encodeInterim, encodeResponse } from "./wire_response.ts";

/** How a session is served. */
export interface ServeSessionOptions {
  /** Answers every exchange; it should not throw: the browser then learns nothing but a reset. */
  readonly handler: Handler;
  /** Names an exchange on log lines. */
  readonly exchangeId: () => string;
  /** Exchanges the server may have open at once on this session. */
  readonly maxConcurrentStreams?: number;
  /** Told what ended an exchange early. */
  readonly onError?: (cause: unknown, id: string) => void;
}

/** Serves the exchanges that the server opens on `conn`, until either side ends it. */
export function serveSession(
  conn: ByteStream,
  { handler, exchangeId, maxConcurrentStreams = 256, onError }:
    ServeSessionOptions,
): Http2Connection {
  return startHttp2Server(conn, {
    maxConcurrentStreams,
    pingInterval: PING_INTERVAL,
    onStream(stream) {
      void serve(stream);
    },
  });

  async function serve(stream: Http2ServerStream): Promise<void> {
    const id = exchangeId();
    try {
      await serveStream(stream, handler, id);
    } catch (cause) {
      stream.reset(ErrorCode.INTERNAL_ERROR);
      onError?.(cause, id);
    }
  }
}

/** Both ends ask every 15 s; an answer that takes 10 s more is none. Shorter would hurt slow links. */
const PING_INTERVAL = 15_000;

async function serveStream(
  stream: Http2ServerStream,
  handler: Handler,
  id: string,
): Promise<void> {
  const request = decodeRequest(
    stream.fields,
    stream.endStream
      ? undefined
      : (length) =>
        new StreamBody(stream, length, { onStart, onCancel: ignore }),
  );
  const context: ExchangeContext = { id, signal: stream.signal, inform };
  await answer(stream, request, await handler(request, context));

  function inform(status: number, fields: Fields): void {
    void stream.inform(encodeInterim(status, fields)).catch(ignore);
  }
  function onStart(): void {
    if (expectsContinue(request.fields)) inform(100, new Fields());
  }
}

async function answer(
  stream: Http2ServerStream,
  request: ProxyRequest,
  response: ProxyResponse,
): Promise<void> {
  const list = encodeResponse(response, request);
  if (response.kind === "stream") {
    await stream.respond(list);
    await pipe(stream, response.stream);
  } else if (response.body === undefined) {
    await stream.respond(list, { endStream: true });
  } else {
    await stream.respond(list);
    await sendBody(stream, response.body);
  }
  // What the request still brings is not wanted: RST_STREAM NO_ERROR says so.
  stream.close();
}

/**
 * An interim answer that cannot be sent is no loss: the exchange itself will
 * say what happened. Content that is not wanted must not end the stream while
 * the answer is on its way; `answer` closes it behind the answer.
 */
function ignore(): void {}
