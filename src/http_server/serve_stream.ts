/**
 * An exchange on an HTTP/2 stream of the peer: its request goes to the handler,
 * and the response goes back. A codec of the caller reads and writes the field
 * lists.
 */
import { textBody } from "../http/bytes_body.ts";
import type {
  Body,
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
  Sender,
} from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import { Http1Error, refusalOf } from "../http1/errors.ts";
import type { Http2ServerStream } from "../http2/api.ts";
import { closeQuietly } from "../net/stream/byte_stream.ts";
import { pipe } from "../net/stream/pipe.ts";
import { expectsContinue } from "./expect_continue.ts";
import { sendBody, StreamBody } from "./stream_body.ts";

/** Interim responses of one exchange. Further ones are dropped: they wait in memory for a slow peer. */
const MAX_INTERIM = 64;

const NO_FIELDS = new Fields();

/** How messages are written as HTTP/2 field lists. */
export interface StreamCodec {
  /**
   * The request that a list says.
   *
   * @param body Makes the content from its length; `undefined` when there is none.
   * @throws {Http1Error} When the request does not have exactly one meaning: it
   * is the response.
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
  /** Field of the response to a request that cannot be read. Default: none. */
  readonly errorField?: string | undefined;
}

const UNKNOWN: Sender = {};

/** Handles the request of `stream`. @throws What the handler or the stream throws. */
export async function serveStream(
  stream: Http2ServerStream,
  { handler, codec, id, errorField }: ServeStreamOptions,
): Promise<void> {
  let request: ProxyRequest;
  try {
    request = codec.decodeRequest(
      stream.fields,
      stream.endStream
        ? undefined
        : (length) =>
          new StreamBody(stream, length, {
            decodeFields: codec.decodeFields,
            onStart,
            onCancel: ignore,
          }),
    );
  } catch (cause) {
    if (!(cause instanceof Http1Error)) throw cause;
    return await refuse(stream, cause, errorField);
  }
  // One 100 is enough, and only for a peer that waits for it.
  let needsContinue = expectsContinue(request.fields);
  let interimLeft = MAX_INTERIM;
  const { user, job } = codec.decodeSender?.(stream.fields) ?? UNKNOWN;
  const { signal } = stream;
  const context: ExchangeContext = { id, signal, user, job, inform };
  const response = await handler(request, context);
  await respond(stream, codec.encodeResponse(response, request), {
    response,
    codec,
  });

  function inform(status: number, fields: Fields): void {
    if (status === 100) {
      if (!needsContinue) return;
      needsContinue = false;
    }
    if (interimLeft === 0) return;
    interimLeft--;
    void stream.inform(codec.encodeInterim(status, fields)).catch(ignore);
  }
  function onStart(): void {
    inform(100, NO_FIELDS);
  }
}

/** Says why a request is not passed on (RFC 9113 §8.1.1 allows a response). */
async function refuse(
  stream: Http2ServerStream,
  error: Http1Error,
  errorField: string | undefined,
): Promise<void> {
  const { status, message } = error;
  const body = textBody(`${message}\n`);
  const { fields } = stream;
  const endStream = fields[fields.indexOf(":method") + 1] === "HEAD";
  await stream.respond([
    ...[":status", String(status)],
    ...["content-type", "text/plain; charset=utf-8"],
    ...["content-length", String(body.length)],
    ...errorField === undefined
      ? []
      : [errorField.toLowerCase(), refusalOf(error)],
  ], { endStream });
  if (!endStream) await sendBody(stream, body, ignoreTrailers);
  stream.close();
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

function ignoreTrailers(): string[] {
  return [];
}

/**
 * A lost interim response does no harm: the exchange itself fails for the same
 * reason. Unwanted content must not end the stream while the response is being
 * sent; `respond` closes it after the response.
 */
function ignore(): void {}
