/**
 * One exchange on an accepted connection: from the request to the handler, and
 * from its response to the peer.
 */
import { textBody } from "../../http/bytes_body.ts";
import type {
  Body,
  ExchangeContext,
  Handler,
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
  StreamResponse,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { ExchangeAborted } from "../../http/exchange_aborted.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { pipe } from "../../net/stream/pipe.ts";
import { Http1Error, refusalOf } from "../errors.ts";
import type { BufferedReader, ReadWatcher } from "../parse/buffered_reader.ts";
import { BufferedStream } from "../parse/buffered_stream.ts";
import { endsAfterHeader } from "../parse/framing.ts";
import { MessageBody } from "../parse/message_body.ts";
import { ResettableTimer } from "../resettable_timer.ts";
import { writeBody } from "../write/body_writer.ts";
import {
  putFields,
  putStatusLine,
  type SentFraming,
} from "../write/header_writer.ts";
import { OutputBuffer, WriteError } from "../write/output_buffer.ts";
import { type IncomingRequest, toProxyRequest } from "./incoming_request.ts";
import { InterimWriter } from "./interim_writer.ts";

/** Called with failures whose cause the peer does not see. */
export type ErrorHook = (
  error: unknown,
  where: {
    /** Of the exchange, unless the request could not be read. */
    readonly id?: string;
    readonly stage: "request" | "handler" | "response";
  },
) => void;

/** The connection of an exchange. */
export interface ServedConnection {
  readonly conn: ByteStream;
  readonly reader: BufferedReader;
  readonly handler: Handler;
  readonly timer: ResettableTimer;
  readonly exchangeId: () => string;
  readonly onError: ErrorHook | undefined;
  /** How long a peer that has ended its sending side still gets a response, in milliseconds. */
  readonly halfCloseTimeout: number;
  /** Field of responses to requests that cannot be read, if there is one. */
  readonly errorField: string | undefined;
  /** Whether this exchange is the last. */
  readonly isEnding: boolean;
}

/** What follows: another request, the end in order, or the close. */
export type ExchangeEnd = "next" | "linger" | "close";

/**
 * Content that the handler did not read is read and dropped up to this size, so
 * that the connection is kept. Forms and most uploads are smaller. A peer that
 * is cut off while it sends may never see the response.
 */
const MAX_DRAINED = 4 * 1024 * 1024;
/** Time limit of that, in milliseconds. */
const DRAIN_TIMEOUT = 10_000;

/** Passes the request to the handler and writes the response. Never throws. */
export function serveExchange(
  connection: ServedConnection,
  incoming: IncomingRequest,
): Promise<ExchangeEnd> {
  return new ServedExchange(connection, incoming).run();
}

class ServedExchange {
  readonly #connection: ServedConnection;
  readonly #incoming: IncomingRequest;
  readonly #id: string;
  readonly #abort = new AbortController();
  readonly #interim: InterimWriter;
  readonly #body: MessageBody | undefined;
  /** The content of the response, while it is written. */
  #responseBody: Body | undefined;

  constructor(connection: ServedConnection, incoming: IncomingRequest) {
    const { reader } = connection;
    this.#connection = connection;
    this.#incoming = incoming;
    this.#id = connection.exchangeId();
    this.#interim = new InterimWriter(connection.conn, incoming);
    if (incoming.framing.kind !== "none") {
      this.#body = new MessageBody(reader, incoming.framing, {
        onStart: () => this.#interim.onContentRead(reader.buffered > 0),
        onComplete: () => reader.readAhead(),
      });
    }
  }

  async run(): Promise<ExchangeEnd> {
    const { reader, halfCloseTimeout } = this.#connection;
    // Without content, the coming read belongs to another request. Until then
    // it shows when the peer is gone.
    if (this.#body === undefined) reader.readAhead();
    using _monitor = new DisconnectMonitor({
      reader,
      halfCloseTimeout,
      exchange: this,
    });
    const end = await this.#run();
    const interim = this.#interim.end();
    if (interim !== undefined) await interim;
    return end;
  }

  /** The peer is gone: the handler can stop. */
  abort(cause: unknown): void {
    this.#abort.abort(cause);
    this.#responseBody?.cancel(cause);
  }

  async #run(): Promise<ExchangeEnd> {
    const request = toProxyRequest(this.#incoming, this.#body);
    const response = await this.#respond(request);
    if (response === undefined) return this.#abortConnection();
    if (this.#abort.signal.aborted) return this.#abortConnection(response);
    const interim = this.#interim.end();
    if (interim !== undefined) await interim;
    try {
      if (response.kind === "stream") return await this.#stream(response);
      return await this.#send(response);
    } catch (error) {
      if (!(error instanceof WriteError)) this.#report(error, "response");
      this.#abort.abort(error);
      // Without a last chunk or the full length, the peer sees that it was cut.
      return this.#abortConnection(response);
    }
  }

  /** `undefined` when there is to be no response. */
  async #respond(request: ProxyRequest): Promise<ProxyResponse | undefined> {
    try {
      const response = await this.#connection.handler(request, this.#context());
      if (isValidResponse(response, request)) return response;
      dispose(response);
      throw new TypeError(
        `Cannot respond to a "${request.kind}" with a "${response.kind}" of status ${response.status}`,
      );
    } catch (error) {
      if (error instanceof ExchangeAborted) return undefined;
      return this.#errorResponse(error);
    }
  }

  #context(): ExchangeContext {
    return {
      id: this.#id,
      signal: this.#abort.signal,
      inform: (status, fields) => this.#interim.send(status, fields),
    };
  }

  /** The response to a failure. It says only if the content was malformed. */
  #errorResponse(error: unknown): PlainResponse {
    const broken = this.#body?.failure;
    if (broken instanceof Http1Error && isBroken(this.#body)) {
      this.#report(broken, "request");
      const page = textPage(broken.status, broken.message);
      const { errorField } = this.#connection;
      if (errorField !== undefined) {
        page.fields.append(errorField, refusalOf(broken));
      }
      return page;
    }
    if (!this.#abort.signal.aborted) this.#report(error, "handler");
    return textPage(500, "The request failed");
  }

  async #send(response: PlainResponse): Promise<ExchangeEnd> {
    const out = new OutputBuffer(this.#connection.conn);
    const framing = sentFramingOf(response, this.#incoming);
    const isLast = this.#isLast(framing);
    try {
      this.#putHeaders(out, response, { framing, isLast });
    } catch (error) {
      // The fields cannot be written. Nothing was sent yet, so an error response can be.
      this.#report(error, "handler");
      dispose(response);
      return await this.#send(textPage(500, "The request failed"));
    }
    if (response.body !== undefined && hasContent(response, this.#incoming)) {
      this.#responseBody = response.body;
      await writeBody(out, response.body, framing);
      this.#responseBody = undefined;
    } else {
      response.body?.cancel();
      await out.flush();
    }
    out.release();
    if (isLast) return "linger";
    return this.#body === undefined ? "next" : await this.#drain(this.#body);
  }

  #putHeaders(
    out: OutputBuffer,
    { status, fields }: PlainResponse,
    { framing, isLast }: {
      readonly framing: SentFraming;
      readonly isLast: boolean;
    },
  ): void {
    putStatusLine(out, status);
    putFields(out, fields, framing);
    if (isLast) out.literal("Connection: close\r\n");
    else if (this.#incoming.isHttp10) out.literal("Connection: keep-alive\r\n");
    out.literal("\r\n");
  }

  /** Whether the connection ends with this response. */
  #isLast(framing: SentFraming): boolean {
    const { isEnding, reader } = this.#connection;
    const { method, isPersistent, upgrade } = this.#incoming;
    if (isEnding || !isPersistent || framing.kind === "close") return true;
    if (reader.isOver && reader.buffered === 0) return true;
    // The peer may send or omit the content that it waits to send.
    if (this.#interim.needsContinue) return true;
    if (isBroken(this.#body)) return true;
    // What follows a refused tunnel was meant for its other end. Read as
    // requests, it could be anything.
    const isRefused = method === "CONNECT" || upgrade !== undefined;
    return isRefused && reader.buffered > 0;
  }

  async #stream({ status, fields, stream }: StreamResponse): Promise<"close"> {
    const { conn, reader } = this.#connection;
    const out = new OutputBuffer(conn);
    putStatusLine(out, status);
    if (status === 101) {
      out.literal("Connection: Upgrade\r\n");
      out.field("Upgrade", this.#incoming.upgrade ?? "");
    }
    putFields(out, fields, { kind: "none" });
    out.literal("\r\n");
    await out.flush();
    out.release();
    reader.watcher = undefined;
    await pipe(new BufferedStream(reader, conn), stream);
    return "close";
  }

  /** Reads the content that the handler did not, to find the following request. */
  async #drain(body: MessageBody): Promise<ExchangeEnd> {
    if (body.isComplete) return "next";
    this.#connection.timer.set(DRAIN_TIMEOUT);
    try {
      return await body.drain(MAX_DRAINED) ? "next" : "linger";
    } catch {
      // It broke after its reader had left.
      return "close";
    } finally {
      this.#connection.timer.clear();
    }
  }

  #abortConnection(response?: ProxyResponse): "close" {
    if (response !== undefined) dispose(response, this.#abort.signal.reason);
    this.#body?.cancel(this.#abort.signal.reason);
    closeQuietly(this.#connection.conn);
    return "close";
  }

  #report(error: unknown, stage: "request" | "handler" | "response"): void {
    this.#connection.onError?.(error, { id: this.#id, stage });
  }
}

/** Whether the end of the body, and with it another request, can never be found. */
function isBroken(body: MessageBody | undefined): boolean {
  const failure = body?.failure;
  if (failure === undefined) return false;
  return !(failure instanceof Http1Error) || failure.code !== "cancelled";
}

function dispose(response: ProxyResponse, reason?: unknown): void {
  if (response.kind === "stream") closeQuietly(response.stream);
  else response.body?.cancel(reason);
}

function textPage(status: number, text: string): PlainResponse {
  return {
    kind: "response",
    status,
    fields: new Fields(["Content-Type", "text/plain; charset=utf-8"]),
    body: textBody(`${text}\n`),
  };
}

/** Why an exchange is aborted whose peer ended its sending side long ago. */
const HALF_CLOSED = new DOMException(
  "The peer has ended the connection",
  "AbortError",
);

/** Options of a monitor. */
interface DisconnectMonitorOptions {
  /** The reader of the connection; it must have no other watcher meanwhile. */
  readonly reader: BufferedReader;
  /** How long a peer that has ended its sending side still gets a response, in milliseconds. */
  readonly halfCloseTimeout: number;
  /** Is aborted when the peer is gone. */
  readonly exchange: { abort(cause: unknown): void };
}

/** Aborts the exchange when the peer disconnects; monitors until it is disposed. */
class DisconnectMonitor implements ReadWatcher, Disposable {
  readonly #options: DisconnectMonitorOptions;
  #timer: ResettableTimer | undefined;

  constructor(options: DisconnectMonitorOptions) {
    this.#options = options;
    options.reader.watcher = this;
    this.onReadAhead();
  }

  onBreak(cause: unknown): void {
    this.#options.exchange.abort(cause);
  }

  onReadAhead(): void {
    const { reader, halfCloseTimeout, exchange } = this.#options;
    if (!reader.isOver) return;
    this.#timer ??= new ResettableTimer(() => exchange.abort(HALF_CLOSED));
    this.#timer.set(halfCloseTimeout);
  }

  [Symbol.dispose](): void {
    this.#options.reader.watcher = undefined;
    this.#timer?.[Symbol.dispose]();
  }
}

/**
 * Whether `response` fits `request`. A stream needs a CONNECT or an upgrade,
 * and a plain 2xx to CONNECT would be taken for one.
 */
function isValidResponse(
  response: ProxyResponse,
  request: ProxyRequest,
): boolean {
  const { kind, status } = response;
  const isSuccess = status >= 200 && status < 300;
  if (kind === "stream") {
    if (request.kind === "upgrade") return status === 101;
    return request.kind === "connect" && isSuccess;
  }
  if (!Number.isInteger(status) || status < 200 || status > 999) return false;
  return request.kind !== "connect" || !isSuccess;
}

/** Whether the content is sent, not only its length. */
function hasContent(
  { status }: PlainResponse,
  { method }: IncomingRequest,
): boolean {
  return !endsAfterHeader(method, status);
}

/** What marks the end of the response (RFC 9112 §6.3, RFC 9110 §8.6). */
function sentFramingOf(
  response: PlainResponse,
  incoming: IncomingRequest,
): SentFraming {
  const { status, body } = response;
  if (status === 204) return { kind: "none" };
  if (!hasContent(response, incoming)) {
    // The length that GET would get: from the origin, or from the body.
    if (body?.length === undefined) return { kind: "lengthOnly" };
    return { kind: "length", length: body.length };
  }
  if (body === undefined) return { kind: "length", length: 0 };
  if (body.length !== undefined) return { kind: "length", length: body.length };
  return { kind: incoming.isHttp10 ? "close" : "chunked" };
}
