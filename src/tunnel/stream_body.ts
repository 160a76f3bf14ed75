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
import { encodeFields, readFields } from "./wire_fields.ts";

/** What the owner of a stream wants to know of its content. */
export interface StreamBodyEvents {
  /** Called once, when somebody begins to read. */
  readonly onStart?: () => void;
  /** Called when the rest is not wanted; without it the stream is given up. */
  readonly onCancel?: () => void;
}

/** The content that a stream brings. */
export class StreamBody implements Body, WriterTo {
  readonly length: number | undefined;
  readonly #stream: Http2Stream;
  #onStart: (() => void) | undefined;
  readonly #onCancel: () => void;

  /** @param length What the sender announced; the HTTP/2 layer holds it to that. */
  constructor(
    stream: Http2Stream,
    length: number | undefined,
    { onStart, onCancel = () => stream.close() }: StreamBodyEvents = {},
  ) {
    this.#stream = stream;
    this.length = length;
    this.#onStart = onStart;
    this.#onCancel = onCancel;
  }

  get trailers(): Fields | undefined {
    const list = this.#stream.trailers;
    return list === undefined ? undefined : readFields(list).fields;
  }

  read(into: Uint8Array): Promise<number | null> {
    this.#start();
    return this.#stream.read(into);
  }

  writeTo(sink: ByteWriter): Promise<number> {
    this.#start();
    return this.#stream.writeTo(sink);
  }

  cancel(): void {
    this.#onCancel();
  }

  #start(): void {
    const onStart = this.#onStart;
    this.#onStart = undefined;
    onStart?.();
  }
}

/**
 * Sends all of `body` and its trailers, and so ends the sending half. Content
 * that is cut short resets the stream: the other end must not take it for
 * complete.
 *
 * @param trailerList Writes the trailers; as the tunnel's wire does unless given.
 * @throws What the body or the stream throws.
 */
export async function sendBody(
  stream: Http2Stream,
  body: Body,
  trailerList: (trailers: Fields) => string[] = encodeFields,
): Promise<void> {
  try {
    await copy(stream, body);
    const { trailers } = body;
    if (trailers === undefined) return await stream.closeWrite();
    await stream.sendTrailers(trailerList(trailers));
  } catch (cause) {
    // A stream that has ended already may hold an answer that nobody has read.
    if (!stream.signal.aborted) stream.reset(ErrorCode.INTERNAL_ERROR);
    body.cancel(cause);
    throw cause;
  }
}
