/**
 * Serves one connection: its requests one after the other.
 *
 * Pipelined requests get their responses in order. A peer that ends its sending
 * side still gets its responses for a minute. It counts as gone when the
 * connection breaks or a response cannot be written.
 */
import type { Handler, UpgradeRequest } from "../../http/exchange.ts";
import { encodeLatin1 } from "../../http/latin1.ts";
import { statusText } from "../../http/status_text.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";
import { prefixedStream } from "../../net/stream/prefixed_stream.ts";
import { DEFAULT_GRACE } from "../../net/stream/pipe.ts";
import { Http1Error, refusalOf } from "../errors.ts";
import { BufferedReader } from "../parse/buffered_reader.ts";
import { BufferedStream } from "../parse/buffered_stream.ts";
import { type HeaderLimits, REQUEST_LIMITS } from "../parse/header_limits.ts";
import { parseRequest } from "../parse/header_parser.ts";
import { readHeaderSection } from "../parse/header_reader.ts";
import { ResettableTimer } from "../resettable_timer.ts";
import {
  type IncomingRequest,
  toIncomingRequest,
  toProxyRequest,
} from "./incoming_request.ts";
import {
  type ErrorHook,
  type ServedConnection,
  serveExchange,
} from "./serve_exchange.ts";

/** Another protocol on the same port. */
export interface OtherProtocol {
  /** The first byte of its connections; no HTTP request begins with it. */
  readonly firstByte: number;
  /** Serves a connection, including that byte. Must not throw; the connection is closed afterwards. */
  serve(stream: ByteStream): Promise<void>;
}

/**
 * Takes a connection over at an Upgrade, of which only the request was read. It
 * responds by itself. The connection is closed when it is done.
 *
 * @returns `undefined` when the Upgrade is for the handler.
 */
export type TakeOver = (
  request: UpgradeRequest,
) => ((stream: ByteStream) => Promise<void>) | undefined;

/** Options of `serveHttp1`. Times are in milliseconds. */
export interface ServeHttp1Options {
  /** Ends the connection in order: after the current exchange, or at once without one. */
  readonly signal: AbortSignal;
  /** Scheme of the connection, for targets without one. Default `http`. */
  readonly scheme?: "http" | "https";
  /** Until the first request begins, and from the first byte of a header section to its end. Default 30 s. */
  readonly headerTimeout?: number;
  /**
   * How long a connection may wait for another request; a function is called
   * before each wait. Default 1 h: browsers end it sooner.
   */
  readonly idleTimeout?: number | (() => number);
  /**
   * How long a peer that has ended its sending side still gets responses.
   * Default 1 min. Most such peers are gone; only a few tools wait.
   */
  readonly halfCloseTimeout?: number;
  /** Limits of a request. Default {@linkcode REQUEST_LIMITS}. */
  readonly headerLimits?: HeaderLimits | undefined;
  /** What raises these limits, for a request that exceeds them: "raise …". Default: nothing does. */
  readonly limitAdvice?: string | undefined;
  /** Field of the responses to requests that cannot be read: a word for the reason, and the sentence. Default: none. */
  readonly errorField?: string | undefined;
  /** Makes the id of an exchange. Default: numbers in base 36. */
  readonly exchangeId?: () => string;
  /** Another protocol that a connection may begin with. Default: none. */
  readonly other?: OtherProtocol;
  /** Takes over connections at an Upgrade. Default: the handler gets each. */
  readonly takeOver?: TakeOver;
  /** Called with failures that the peer does not see: malformed requests, handlers that throw, bodies that break off. */
  readonly onError?: ErrorHook;
}

/** How long a peer may be silent after our last response, in milliseconds. */
const LINGER = 2_000;
/** How long and how much it may send meanwhile. A refused upload is sent to its end before the response is read. */
const MAX_LINGER = 30_000;
const MAX_LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Serves HTTP/1.0 and HTTP/1.1 on an accepted connection and closes it.
 *
 * @returns When the connection has ended. It never throws because of a peer or
 * the handler.
 */
export async function serveHttp1(
  conn: ByteStream,
  handler: Handler,
  options: ServeHttp1Options,
): Promise<void> {
  await new Http1Server(conn, handler, options).run();
}

let lastId = 0;

function nextId(): string {
  return (++lastId).toString(36);
}

class Http1Server implements ServedConnection {
  readonly conn: ByteStream;
  readonly reader: BufferedReader;
  readonly handler: Handler;
  readonly timer: ResettableTimer;
  readonly exchangeId: () => string;
  readonly onError: ErrorHook | undefined;
  readonly halfCloseTimeout: number;
  readonly errorField: string | undefined;
  readonly #other: OtherProtocol | undefined;
  readonly #takeOver: TakeOver | undefined;
  readonly #options: Required<
    Omit<
      ServeHttp1Options,
      | "onError"
      | "exchangeId"
      | "halfCloseTimeout"
      | "other"
      | "takeOver"
      | "headerLimits"
      | "errorField"
    > & { readonly headerLimits: HeaderLimits }
  >;
  #state: "first" | "idle" | "headers" | "exchange" | "closing" = "first";
  #lastResponse: Promise<void> | undefined;

  constructor(
    conn: ByteStream,
    handler: Handler,
    {
      signal,
      scheme = "http",
      headerTimeout = 30_000,
      idleTimeout = 3_600_000,
      halfCloseTimeout = DEFAULT_GRACE,
      headerLimits = REQUEST_LIMITS,
      limitAdvice = "",
      errorField,
      exchangeId = nextId,
      other,
      takeOver,
      onError,
    }: ServeHttp1Options,
  ) {
    this.#takeOver = takeOver;
    this.#other = other;
    this.conn = conn;
    this.reader = new BufferedReader(conn);
    this.handler = handler;
    this.timer = new ResettableTimer(() => this.#onTimeout());
    this.exchangeId = exchangeId;
    this.onError = onError;
    this.halfCloseTimeout = halfCloseTimeout;
    this.errorField = errorField;
    this.#options = {
      signal,
      scheme,
      headerTimeout,
      idleTimeout,
      headerLimits,
      limitAdvice,
    };
  }

  get isEnding(): boolean {
    return this.#options.signal.aborted;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    signal.addEventListener("abort", this.#onAbort);
    try {
      await this.#serve();
    } finally {
      signal.removeEventListener("abort", this.#onAbort);
      this.#close();
      this.timer[Symbol.dispose]();
      await Promise.all([this.reader.settled(), this.#lastResponse]);
    }
  }

  async #serve(): Promise<void> {
    if (this.#other !== undefined && await this.#isOther(this.#other)) {
      this.#state = "exchange";
      return await this.#other.serve(
        new BufferedStream(this.reader, this.conn),
      );
    }
    while (true) {
      const incoming = await this.#nextRequest();
      if (incoming === undefined) return;
      const taken = this.#takenBy(incoming);
      if (taken !== undefined) return await taken(this.#rest());
      const end = await serveExchange(this, incoming);
      if (end === "close") return;
      if (end === "linger" || this.isEnding) return await this.#linger();
      this.#state = "idle";
    }
  }

  /** What takes the connection over at this request, if anything does. */
  #takenBy(
    incoming: IncomingRequest,
  ): ReturnType<TakeOver> {
    if (this.#takeOver === undefined || incoming.upgrade === undefined) {
      return undefined;
    }
    const request = toProxyRequest(incoming, undefined);
    return request.kind === "upgrade" ? this.#takeOver(request) : undefined;
  }

  /** The connection behind what was read: no read is waiting after a header section. */
  #rest(): ByteStream {
    const { buffer, start, end } = this.reader;
    return prefixedStream(buffer.slice(start, end), this.conn);
  }

  /** Whether the first byte is that of another protocol. Without a byte it is not. */
  async #isOther({ firstByte }: OtherProtocol): Promise<boolean> {
    const { reader } = this;
    this.timer.set(this.#options.headerTimeout);
    try {
      if (!await reader.fill()) return false;
    } catch {
      // It broke: the read that follows reports that.
      return false;
    }
    this.timer.clear();
    return reader.buffer[reader.start] === firstByte;
  }

  /** Reads a request; `undefined` when none comes. A malformed one gets its response here. */
  async #nextRequest(): Promise<IncomingRequest | undefined> {
    const { idleTimeout, headerTimeout, headerLimits, scheme } = this.#options;
    try {
      if (this.isEnding && this.reader.buffered === 0) return undefined;
      const idle = typeof idleTimeout === "number"
        ? idleTimeout
        : idleTimeout();
      this.timer.set(this.#state === "first" ? headerTimeout : idle);
      const { reader } = this;
      const onPartial = this.#onPartial;
      const bytes = await readHeaderSection(reader, {
        maxHeaderBytes: headerLimits.maxHeaderBytes,
        onPartial,
      });
      this.timer.clear();
      if (bytes === undefined) return undefined;
      this.#state = "exchange";
      return toIncomingRequest(parseRequest(bytes, headerLimits), scheme);
    } catch (error) {
      await this.#refuse(error);
      return undefined;
    }
  }

  /** The first byte of a request is there: the rest has to come in time. */
  readonly #onPartial = (): void => {
    if (this.#state === "headers") return;
    this.#state = "headers";
    this.timer.set(this.#options.headerTimeout);
  };

  async #refuse(error: unknown): Promise<void> {
    // A connection that broke or ended gets no response.
    if (!(error instanceof Http1Error) || error.code === "cutShort") return;
    if (this.#state === "closing") return;
    this.onError?.(error, { stage: "request" });
    try {
      await writeAll(
        this.conn,
        this.#page(error, error.message + this.#advice(error)),
      );
    } catch {
      // The peer is gone.
      return;
    }
    await this.#linger();
  }

  #page(error: Http1Error, text: string): Uint8Array {
    const { errorField: name } = this;
    const field = name && `${name}: ${refusalOf(error, text)}\r\n`;
    return plainErrorResponse(error.status, text, field);
  }

  /** What mends a request that is too large. */
  #advice({ code }: Http1Error): string {
    const { limitAdvice } = this.#options;
    const isLimit = code === "headersTooLarge" || code === "targetTooLong";
    return isLimit && limitAdvice !== "" ? `, ${limitAdvice}` : "";
  }

  /**
   * Ends our side and waits for the peer to end its own. Closing at once could
   * reset the connection before the response is read (RFC 9112 §9.6).
   */
  async #linger(): Promise<void> {
    this.#state = "closing";
    const end = performance.now() + (this.isEnding ? LINGER : MAX_LINGER);
    this.timer.set(LINGER);
    try {
      await this.conn.closeWrite();
      let dropped = 0;
      while (dropped <= MAX_LINGER_BYTES) {
        this.timer.set(Math.min(LINGER, Math.max(1, end - performance.now())));
        dropped += this.reader.buffered;
        this.reader.skip(this.reader.buffered);
        if (!await this.reader.fill()) return;
      }
    } catch {
      // The peer was faster, or time is up: the connection is over either way.
    }
  }

  #onTimeout(): void {
    if (this.#state === "headers") {
      const error = new Http1Error(
        "timeout",
        "Cannot read the message: its header section did not come in time",
      );
      this.onError?.(error, { stage: "request" });
      this.#lastResponse = this.#sendLast(
        this.#page(error, error.message),
      );
      return;
    }
    this.#close();
  }

  async #sendLast(page: Uint8Array): Promise<void> {
    this.#state = "closing";
    try {
      await writeAll(this.conn, page);
    } catch {
      // The peer is gone.
    }
    this.#close();
  }

  readonly #onAbort = (): void => {
    const isWaiting = this.#state === "first" || this.#state === "idle";
    if (isWaiting && this.reader.buffered === 0) this.#close();
  };

  #close(): void {
    this.#state = "closing";
    this.reader.watcher = undefined;
    closeQuietly(this.conn);
  }
}

/**
 * A complete response with `text`, after which the connection ends.
 *
 * @param text ASCII, of what the peer sent only names of fields.
 * @param field A field line, if there is one.
 */
function plainErrorResponse(
  status: number,
  text: string,
  field = "",
): Uint8Array {
  return encodeLatin1(
    `HTTP/1.1 ${status} ${statusText(status)}\r\n` +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${text.length + 1}\r\n` +
      field +
      "Connection: close\r\n" +
      `\r\n${text}\n`,
  );
}
