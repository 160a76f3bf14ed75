/**
 * Content that travels on an HTTP/2 stream, in and out.
 *
 * @module
 */
import type { Body } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import type { Http2Stream } from "../http2/api.ts";
import { ErrorCode } from "../http2/error_codes.ts";
import type { ByteWriter, WriterTo } from "../net/byte_stream.ts";
import { copy } from "../net/copy.ts";
import { appendFields, readFields } from "./wire_fields.ts";

/** The content that a stream brings. */
export class StreamBody implements Body, WriterTo {
  readonly length: number | undefined;
  readonly #stream: Http2Stream;

  /** @param length What the sender announced; the HTTP/2 layer holds it to that. */
  constructor(stream: Http2Stream, length: number | undefined) {
    this.#stream = stream;
    this.length = length;
  }

  get trailers(): Fields | undefined {
    const list = this.#stream.trailers;
    return list === undefined ? undefined : readFields(list).fields;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#stream.read(into);
  }

  writeTo(sink: ByteWriter): Promise<number> {
    return this.#stream.writeTo(sink);
  }

  cancel(): void {
    this.#stream.close();
  }
}

/**
 * Sends all of `body` and its trailers, and so ends the sending half. Content
 * that is cut short resets the stream: the other end must not take it for
 * complete.
 *
 * @throws What the body or the stream throws.
 */
export async function sendBody(
  stream: Http2Stream,
  body: Body,
): Promise<void> {
  try {
    await copy(stream, body);
    const { trailers } = body;
    if (trailers === undefined) return await stream.closeWrite();
    await stream.sendTrailers(trailerList(trailers));
  } catch (cause) {
    stream.reset(ErrorCode.INTERNAL_ERROR);
    body.cancel(cause);
    throw cause;
  }
}

function trailerList(trailers: Fields): string[] {
  const list: string[] = [];
  appendFields(list, trailers);
  return list;
}
