import type { Body } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import type { Http2Stream } from "../http2/api.ts";
import { ErrorCode } from "../http2/errors.ts";
import type { ByteWriter, WriterTo } from "../net/stream/byte_stream.ts";
import { copy } from "../net/stream/copy.ts";

/** What the owner of a stream has to say of its content. */
export interface StreamBodyOptions {
  /** Reads the trailer fields. */
  readonly decodeFields: (list: readonly string[]) => Fields;
  /** Called once, at the first read. */
  readonly onStart?: () => void;
  /** Called when the rest is not wanted; without it the stream is given up. */
  readonly onCancel?: () => void;
}

/** The content that a stream brings. */
export class StreamBody implements Body, WriterTo {
  readonly length: number | undefined;
  readonly #stream: Http2Stream;
  readonly #decodeFields: StreamBodyOptions["decodeFields"];
  #onStart: (() => void) | undefined;
  readonly #onCancel: () => void;

  /** @param length What the sender announced; the HTTP/2 layer holds it to that. */
  constructor(
    stream: Http2Stream,
    length: number | undefined,
    { decodeFields, onStart, onCancel = () => stream.close() }:
      StreamBodyOptions,
  ) {
    this.#stream = stream;
    this.#decodeFields = decodeFields;
    this.length = length;
    this.#onStart = onStart;
    this.#onCancel = onCancel;
  }

  get trailers(): Fields | undefined {
    const list = this.#stream.trailers;
    return list === undefined ? undefined : this.#decodeFields(list);
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
 * @param encodeFields Writes the trailer fields.
 * @throws What the body or the stream throws; a failure of the body is also the
 * cause of the error that a reader of the stream sees.
 */
export async function sendBody(
  stream: Http2Stream,
  body: Body,
  encodeFields: (trailers: Fields) => string[],
): Promise<void> {
  try {
    await copy(stream, body);
    const { trailers } = body;
    if (trailers === undefined || trailers.size === 0) {
      return await stream.closeWrite();
    }
    await stream.sendTrailers(encodeFields(trailers));
  } catch (cause) {
    // A stream that has ended may hold a response that was not read.
    if (!stream.signal.aborted) stream.reset(ErrorCode.INTERNAL_ERROR, cause);
    body.cancel(cause);
    throw cause;
  }
}
