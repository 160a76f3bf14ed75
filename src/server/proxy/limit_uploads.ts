// Uploads that come to a stop: the browser's connection is closed, or no more
// of the content arrives.
import type { Body, Handler, PlainRequest } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import { ResettableTimer } from "../../http1/resettable_timer.ts";
import type { ByteWriter, WriterTo } from "../../net/stream/byte_stream.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";

/** Options of {@linkcode limitUploads}. */
export interface UploadLimits {
  /** Aborted when the connection of the browser is closed by force. */
  readonly closed: AbortSignal | undefined;
  /**
   * How long a browser may send nothing of the content, while the site waits for
   * it and has not responded, in milliseconds.
   */
  readonly timeout: number;
}

/**
 * Ends uploads that have come to a stop.
 *
 * - The connection was closed. Reading or writing a connection notices that; but
 *   nothing reads or writes during an upload that the site does not read.
 * - The browser sends no more content (RFC 9110 §15.5.9). Once there is a
 *   response both may talk at their own pace, as gRPC does.
 *
 * The handler throws {@linkcode ProxyError} `requestTimeout`.
 */
export function limitUploads(
  next: Handler,
  { closed, timeout }: UploadLimits,
): Handler {
  return async (request, context) => {
    if (request.kind !== "request" || request.body === undefined) {
      return await next(request, context);
    }
    const stalled = new AbortController();
    const body = timedBody(request.body, {
      timeout,
      onTimeout: () =>
        stalled.abort(new ProxyError("requestTimeout", request.authority)),
    });
    const signals = [context.signal, stalled.signal];
    if (closed !== undefined) signals.push(closed);
    const signal = AbortSignal.any(signals);
    const upload: PlainRequest = { ...request, body };
    try {
      return await next(upload, { ...context, signal });
    } catch (cause) {
      throw stalled.signal.aborted ? stalled.signal.reason : cause;
    } finally {
      body.stopTiming();
    }
  };
}

interface TimeLimit {
  readonly timeout: number;
  readonly onTimeout: () => void;
}

function timedBody(body: Body, limit: TimeLimit): TimedBody {
  return isWriterTo(body)
    ? new TimedWriterBody(body, limit)
    : new TimedBody(body, limit);
}

function isWriterTo(body: Body): body is Body & WriterTo {
  return "writeTo" in body;
}

/** Content that a browser must not keep its reader waiting for. */
class TimedBody implements Body {
  readonly length: number | undefined;
  readonly #body: Body;
  readonly #timeout: number;
  readonly #timer: ResettableTimer;
  #isTimed = true;

  constructor(body: Body, { timeout, onTimeout }: TimeLimit) {
    this.length = body.length;
    this.#body = body;
    this.#timeout = timeout;
    this.#timer = new ResettableTimer(() => {
      onTimeout();
      body.cancel();
    });
  }

  get trailers(): Fields | undefined {
    return this.#body.trailers;
  }

  async read(into: Uint8Array): Promise<number | null> {
    this.waits();
    try {
      return await this.#body.read(into);
    } finally {
      this.goesOn();
    }
  }

  cancel(reason?: unknown): void {
    this.#body.cancel(reason);
  }

  /** There is a response: from now on the browser may take its time. */
  stopTiming(): void {
    this.#isTimed = false;
    this.#timer[Symbol.dispose]();
  }

  /** The reader waits for content. */
  protected waits(): void {
    if (this.#isTimed) this.#timer.set(this.#timeout);
  }

  /** The reader has content, or its end. */
  protected goesOn(): void {
    this.#timer.clear();
  }
}

/** The same, of content that is handed out without copies. */
class TimedWriterBody extends TimedBody implements WriterTo {
  readonly #source: WriterTo;

  constructor(body: Body & WriterTo, limit: TimeLimit) {
    super(body, limit);
    this.#source = body;
  }

  async writeTo(sink: ByteWriter): Promise<number> {
    this.waits();
    try {
      return await this.#source.writeTo({
        write: async (bytes) => {
          this.goesOn();
          try {
            return await sink.write(bytes);
          } finally {
            this.waits();
          }
        },
      });
    } finally {
      this.goesOn();
    }
  }
}
