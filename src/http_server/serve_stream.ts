/**
 * An exchange on an HTTP/2 stream of the peer: its request goes to the handler,
 * and the response goes back. A codec of the caller reads and writes the field
 * lists.
 */
import type {
  Body,
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
  Sender,
} from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import type { Http2ServerStream } from "../http2/api.ts";
import { closeQuietly } from "../net/stream/byte_stream.ts";
import { pipe } from "../net/stream/pipe.ts";
import { expectsContinue } from "./expect_continue.ts";
import { sendBody, StreamBody } from "./stream_body.ts";

/** How messages are written as HTTP/2 field lists. */
export interface StreamCodec {
  /**
   * The request that a list says.
   *
   * @param body Makes the content from its length; `undefined` when there is none.
   * @throws What resets the stream.
   */
  decodeRequest(
    list: readonly string[],
    body: ((length: number | undefined) => Body) | undefined,
  ): ProxyRequest;
  /** Who the request of a list belongs to. Default: nobody that is known. */
  decodeSender?(list: readonly string[]): Sender;
  /** The list of the response to `request`. */
  encodeResponse(response: ProxyResponse, request: ProxyRequest): string[];
  /** The list of an interim response (1xx). */
  encodeInterim(status: number, fields: Fields): string[];
  /** The list of trailer fields. */
  encodeFields(fields: Fields): string[];
  /** The trailer fields of a list. */
  decodeFields(list: readonly string[]): Fields;
}

/** What one exchange works with. */
export interface ServeStreamOptions {
  readonly handler: Handler;
  readonly codec: StreamCodec;
  /** Names the exchange on log lines. */
  readonly id: string;
}

const UNKNOWN: Sender = {};

/** Handles the request of `stream`. @throws What the handler or the stream throws. */
export async function serveStream(
  stream: Http2ServerStream,
  { handler, codec, id }: ServeStreamOptions,
): Promise<void> {
  const request = codec.decodeRequest(
    stream.fields,
    stream.endStream ? undefined : (length) =>
      new StreamBody(stream, length, {
        decodeFields: codec.decodeFields,
        onStart,
        onCancel: ignore,
      }),
  );
  const { user, job } = codec.decodeSender?.(stream.fields) ?? UNKNOWN;
  const { signal } = stream;
  const context: ExchangeContext = { id, signal, user, job, inform };
  const response = await handler(request, context);
  await respond(stream, codec.encodeResponse(response, request), {
    response,
    codec,
  });

  function inform(status: number, fields: Fields): void {
    void stream.inform(codec.encodeInterim(status, fields)).catch(ignore);
  }
  function onStart(): void {
    if (expectsContinue(request.fields)) inform(100, new Fields());
  }
}

async function respond(
  stream: Http2ServerStream,
  list: readonly string[],
  { response, codec }: {
    readonly response: ProxyResponse;
    readonly codec: StreamCodec;
  },
): Promise<void> {
  const endStream = response.kind === "response" && response.body === undefined;
  try {
    await stream.respond(list, { endStream });
  } catch (cause) {
    dispose(response, cause);
    throw cause;
  }
  if (response.kind === "stream") await pipe(stream, response.stream);
  else if (response.body !== undefined) {
    await sendBody(stream, response.body, codec.encodeFields);
  }
  // What the request still brings is not wanted: RST_STREAM NO_ERROR says so.
  stream.close();
}

function dispose(response: ProxyResponse, cause: unknown): void {
  if (response.kind === "stream") closeQuietly(response.stream);
  else response.body?.cancel(cause);
}

/**
 * A lost interim response does no harm: the exchange itself fails for the same
 * reason. Unwanted content must not end the stream while the response is being
 * sent; `respond` closes it after the response.
 */
function ignore(): void {}
