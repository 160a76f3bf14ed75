/**
 * The accepting end of HTTP/1: one connection, its requests one after the other.
 *
 * Requests sent before their predecessors were answered are answered in order.
 * A client that ends its sending side still gets the answers to what it has
 * asked, for a minute; it is gone when its connection breaks or an answer
 * cannot be written.
 *
 * @module
 */
import type { Handler } from "../../http/exchange.ts";
import { type ByteStream, closeQuietly } from "../../net/byte_stream.ts";
import { writeAll } from "../../net/copy.ts";
import { DEFAULT_GRACE } from "../../net/pipe.ts";
import { ResettableTimer } from "../resettable_timer.ts";
import { BufferedReader } from "../parse/buffered_reader.ts";
import { BufferedStream } from "../parse/buffered_stream.ts";
import { Http1Error } from "../errors.ts";
import { MAX_FIELDS, parseRequest } from "../parse/header_parser.ts";
import { MAX_HEADER_BYTES, readHeaderSection } from "../parse/header_reader.ts";
import { type IncomingRequest, toIncomingRequest } from "./incoming_request.ts";
import {
  type ErrorHook,
  type ServedConnection,
  serveExchange,
} from "./serve_exchange.ts";
import { encodeLatin1 } from "../../http/latin1.ts";
import { statusText } from "../../http/status_text.ts";

/** A protocol besides HTTP on the same port. */
export interface OtherProtocol {
  /** What a connection begins with that is in it; no request begins so. */
  readonly firstByte: number;
  /** Serves a connection, from that byte on. Must not throw; the connection is closed afterwards. */
  serve(stream: ByteStream): Promise<void>;
}

/** How a connection is served. Times are in milliseconds. */
export interface ServeHttp1Options {
  /** Ends the connection in order: after the exchange under way, at once when there is none. */
  readonly signal: AbortSignal;
  /** What the connection is, for targets that do not say; `http` unless given. */
  readonly scheme?: "http" | "https";
  /** For the first request to be there, and for any head once its first byte is; 30 s. */
  readonly headerTimeout?: number;
  /** How long a connection may wait for its next request, asked before each wait where it is a function; 1 h, browsers end it sooner. */
  readonly idleTimeout?: number | (() => number);
  /**
   * How long a client that has ended its sending side still gets an answer;
   * 1 min. Most that do so are gone, and only a few tools wait.
   */
  readonly halfCloseTimeout?: number;
  /** Bytes of a request line and its fields; 64 KiB. */
  readonly maxHeaderBytes?: number;
  /** Field lines of a request; 256. */
  readonly maxFields?: number;
  /** Makes the id of the next exchange; numbers in base 36 unless given. */
  readonly exchangeId?: () => string;
  /** What else a connection may begin with; nothing unless given. */
  readonly other?: OtherProtocol;
  /** Told of what the client is not: broken requests, handlers that throw, bodies that break off. */
  readonly onError?: ErrorHook;
}

/** How long a client may be silent while it notices that the connection ends, in milliseconds. */
const LINGER = 2_000;
/** How long, and how much, it may send meanwhile: an upload that was refused, whose answer is read when all is sent. */
const MAX_LINGER = 30_000;
const MAX_LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Serves HTTP/1.0 and HTTP/1.1 on an accepted connection, which it closes.
 *
 * @returns When the connection has ended, however it did; it does not throw for
 * anything that a client or the handler does.
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
  readonly #other: OtherProtocol | undefined;
  readonly #options: Required<
    Omit<
      ServeHttp1Options,
      "onError" | "exchangeId" | "halfCloseTimeout" | "other"
    >
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
      maxHeaderBytes = MAX_HEADER_BYTES,
      maxFields = MAX_FIELDS,
      exchangeId = nextId,
      other,
      onError,
    }: ServeHttp1Options,
  ) {
    this.#other = other;
    this.conn = conn;
    this.reader = new BufferedReader(conn);
    this.handler = handler;
    this.timer = new ResettableTimer(() => this.#onTimeout());
    this.exchangeId = exchangeId;
    this.onError = onError;
    this.halfCloseTimeout = halfCloseTimeout;
    this.#options = {
      signal,
      scheme,
      headerTimeout,
      idleTimeout,
      maxHeaderBytes,
      maxFields,
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
      const end = await serveExchange(this, incoming);
      if (end === "close") return;
      if (end === "linger" || this.isEnding) return await this.#linger();
      this.#state = "idle";
    }
  }

  /** Whether the first byte is that of another protocol; a connection without one is none. */
  async #isOther({ firstByte }: OtherProtocol): Promise<boolean> {
    const { reader } = this;
    this.timer.set(this.#options.headerTimeout);
    try {
      if (!await reader.fill()) return false;
    } catch {
      // It broke, which the next read says again.
      return false;
    }
    this.timer.clear();
    return reader.buffer[reader.start] === firstByte;
  }

  /** `undefined` when there is no next one; what is wrong with it is answered here. */
  async #nextRequest(): Promise<IncomingRequest | undefined> {
    const { idleTimeout, headerTimeout, maxHeaderBytes, maxFields, scheme } =
      this.#options;
    try {
      if (this.isEnding && this.reader.buffered === 0) return undefined;
      const idle = typeof idleTimeout === "number"
        ? idleTimeout
        : idleTimeout();
      this.timer.set(this.#state === "first" ? headerTimeout : idle);
      const { reader } = this;
      const onPartial = this.#onPartial;
      const bytes = await readHeaderSection(reader, {
        maxHeaderBytes,
        onPartial,
      });
      this.timer.clear();
      if (bytes === undefined) return undefined;
      this.#state = "exchange";
      return toIncomingRequest(parseRequest(bytes, { maxFields }), scheme);
    } catch (error) {
      await this.#refuse(error);
      return undefined;
    }
  }

  /** The first byte of a head is there: its sender has to send the rest in time. */
  readonly #onPartial = (): void => {
    if (this.#state === "headers") return;
    this.#state = "headers";
    this.timer.set(this.#options.headerTimeout);
  };

  async #refuse(error: unknown): Promise<void> {
    // A connection that broke or ended has nobody to answer.
    if (!(error instanceof Http1Error) || error.code === "cutShort") return;
    if (this.#state === "closing") return;
    this.onError?.(error, { stage: "request" });
    try {
      await writeAll(
        this.conn,
        plainErrorResponse(error.status, error.message),
      );
    } catch {
      // It is gone; it would not have read why.
      return;
    }
    await this.#linger();
  }

  /**
   * Ends our side and waits for the client to end its own: closing at once
   * could reset the connection before it has read the answer (RFC 9112 §9.6).
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
      // The client was faster, or time is up: the connection is over either way.
    }
  }

  #onTimeout(): void {
    if (this.#state === "headers") {
      const error = new Http1Error(
        "timeout",
        "Cannot read the message: its head did not come in time",
      );
      this.onError?.(error, { stage: "request" });
      this.#lastResponse = this.#sendLast(
        plainErrorResponse(error.status, error.message),
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
      // Nobody is there to read it.
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
 * A whole response that says `text` and that the connection ends.
 *
 * @param text ASCII, without anything that the client sent.
 */
function plainErrorResponse(status: number, text: string): Uint8Array {
  return encodeLatin1(
    `HTTP/1.1 ${status} ${statusText(status)}\r\n` +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${text.length + 1}\r\n` +
      "Connection: close\r\n" +
      `\r\n${text}\n`,
  );
}
