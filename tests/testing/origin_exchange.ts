/**
 * One request to a test origin and the means to respond, well-formed or not.
 *
 * @module
 */
import { type ByteScanner, bytesOf, concat, writeAll } from "./byte_scanner.ts";
import {
  type FieldLines,
  fieldLines,
  fieldOf,
  ReceivedContent,
} from "./received_content.ts";

/** Fields of a response, in the order in which they are sent. */
export type OriginFields = FieldLines;

/** Statuses whose responses never have content (RFC 9110 §6.4.1). */
const WITHOUT_CONTENT: readonly number[] = [204, 205, 304];

/** The connection an exchange takes place on. */
export interface OriginConnection {
  readonly conn: Deno.Conn;
  readonly scanner: ByteScanner;
}

/** A request that was read up to its content. */
export class OriginExchange {
  /** As it came. */
  readonly head: string;
  readonly method: string;
  readonly target: string;
  /** The target without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** All field lines in order and as written. */
  readonly fields: OriginFields;
  readonly conn: Deno.Conn;
  readonly scanner: ByteScanner;
  #contentRead = false;
  #trailers: OriginFields = [];
  #keepAlive = true;

  constructor(head: string, { conn, scanner }: OriginConnection) {
    const [requestLine = "", ...lines] = head.trimEnd().split("\r\n");
    const [method = "", target = ""] = requestLine.split(" ");
    this.head = head;
    this.method = method;
    this.target = target;
    const url = new URL(target, "http://origin.invalid");
    this.path = url.pathname;
    this.query = url.searchParams;
    this.fields = fieldLines(lines);
    this.conn = conn;
    this.scanner = scanner;
  }

  /** The last part of the path: `5` of `/bytes/5`. */
  get argument(): string {
    return decodeURIComponent(this.path.split("/").at(-1) ?? "");
  }

  /** The value of the first line with this name. */
  get(name: string): string | undefined {
    return fieldOf(this.fields, name);
  }

  /** Sends bytes as they are. */
  async write(bytes: string | Uint8Array): Promise<void> {
    await writeAll(
      this.conn,
      typeof bytes === "string" ? bytesOf(bytes) : bytes,
    );
  }

  /** Sends a status line and fields, and in the same write what follows them. */
  async writeHead(
    status: number,
    fields: OriginFields = [],
    content: Uint8Array = new Uint8Array(0),
  ): Promise<void> {
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`;
    await this.write(concat([bytesOf(head), content]));
  }

  /** Sends a complete response, without its content where HTTP says so. */
  async answer(
    status: number,
    { fields = [], body = "" }: {
      readonly fields?: OriginFields;
      readonly body?: string | Uint8Array;
    } = {},
  ): Promise<void> {
    const content = typeof body === "string"
      ? new TextEncoder().encode(body)
      : body;
    if (WITHOUT_CONTENT.includes(status)) {
      // A 205 has content unless its length says that it is empty (RFC 9110 §15.3.6).
      const empty: OriginFields = status === 205
        ? [["Content-Length", "0"]]
        : [];
      return await this.writeHead(status, [...fields, ...empty]);
    }
    const length = ["Content-Length", `${content.byteLength}`] as const;
    const sent = this.method === "HEAD" ? undefined : content;
    await this.writeHead(status, [...fields, length], sent);
  }

  /** Sends one chunk; an empty one would end the content. */
  async writeChunk(bytes: Uint8Array): Promise<void> {
    const size = bytesOf(`${bytes.byteLength.toString(16)}\r\n`);
    await this.write(concat([size, bytes, bytesOf("\r\n")]));
  }

  /** Reads the content piece by piece, after the 100 that a careful sender waits for. */
  async *content(): AsyncGenerator<Uint8Array> {
    this.#contentRead = true;
    if (this.get("expect") === "100-continue") await this.writeHead(100);
    const isChunked = this.get("transfer-encoding") !== undefined;
    const length = Number(this.get("content-length") ?? 0);
    const content = new ReceivedContent(
      this.scanner,
      isChunked ? "chunked" : length,
    );
    yield* content;
    this.#trailers = content.trailers;
  }

  /** The fields after the content, once it was read to its end. */
  get trailers(): OriginFields {
    return this.#trailers;
  }

  /** The connection is over after this exchange. */
  endConnection(): void {
    this.#keepAlive = false;
  }

  /** Reads what is left of the content; says whether another request may follow. */
  async finish(): Promise<boolean> {
    if (!this.#keepAlive) return false;
    if (!this.#contentRead) { for await (const _ of this.content()); }
    return this.get("connection")?.toLowerCase() !== "close";
  }
}
