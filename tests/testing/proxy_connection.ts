/**
 * A browser's connection to the proxy, written and read by hand: what goes in
 * is exactly what the test says, and what comes out is told as it came.
 *
 * @module
 */
import { bytesOf, concat } from "./byte_scanner.ts";
import { RawClient } from "./raw_client.ts";
import {
  type FieldLines,
  fieldLines,
  fieldOf,
  type Framing,
  ReceivedContent,
} from "./received_content.ts";
import type { RunningSystem } from "./running_system.ts";

/** `plain`: each request is sent to the proxy. `connect`: the proxy gives a tunnel to the site first. */
export type Way = "plain" | "connect";

/** Both ways, for tests of what holds on either. */
export const WAYS: readonly Way[] = ["plain", "connect"];

/** What a request may have besides method and path. */
export interface Question {
  readonly fields?: FieldLines;
  /** Bytes are sent with their length, pieces as chunks. */
  readonly content?: Uint8Array | Iterable<Uint8Array>;
  /** Sent after the last chunk. */
  readonly trailers?: FieldLines;
}

/** An answer whose head has been read. */
export interface Answer {
  readonly status: number;
  /** The head as it came. */
  readonly head: string;
  readonly fields: FieldLines;
  readonly content: ReceivedContent;
  /** The first value of a field. */
  get(name: string): string | undefined;
  /** Reads all content as text whose characters are bytes. */
  text(): Promise<string>;
}

/** The proxy, and what the browser says to it. */
export type ProxyAccess = Pick<RunningSystem, "proxyAddress" | "authorization">;

/** Where a connection leads. */
export interface ConnectionOptions {
  /** The site. */
  readonly site: { readonly port: number };
  /** What the browser calls it. */
  readonly hostname?: string;
  readonly way?: Way;
}

/** One connection to the proxy, for requests to one site. */
export class ProxyConnection implements Disposable {
  /** For what this class does not do. */
  readonly raw: RawClient;
  readonly #authority: string;
  readonly #way: Way;
  readonly #authorization: string;

  private constructor(
    raw: RawClient,
    { authority, way, authorization }: {
      readonly authority: string;
      readonly way: Way;
      readonly authorization: string;
    },
  ) {
    this.raw = raw;
    this.#authority = authority;
    this.#way = way;
    this.#authorization = authorization;
  }

  /** Connects to the proxy, and through it to the site with `way: "connect"`. */
  static async open(
    { proxyAddress, authorization }: ProxyAccess,
    { site, hostname = "origin.test", way = "plain" }: ConnectionOptions,
  ): Promise<ProxyConnection> {
    const raw = await RawClient.connect(proxyAddress);
    const authority = `${hostname}:${site.port}`;
    if (way === "connect") await connectTo(raw, authority, authorization);
    return new ProxyConnection(raw, { authority, way, authorization });
  }

  /** The head of a request, with the empty line. */
  head(method: string, path: string, fields: FieldLines = []): string {
    const isPlain = this.#way === "plain";
    const target = isPlain ? `http://${this.#authority}${path}` : path;
    const own: FieldLines = isPlain
      ? [["Host", this.#authority], [
        "Proxy-Authorization",
        this.#authorization,
      ]]
      : [["Host", this.#authority]];
    const lines = [...own, ...fields].map(([name, value]) =>
      `${name}: ${value}\r\n`
    );
    return `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
  }

  /** Sends a request. */
  async ask(
    method: string,
    path: string,
    { fields = [], content, trailers = [] }: Question = {},
  ): Promise<void> {
    if (content === undefined) {
      return await this.raw.send(this.head(method, path, fields));
    }
    if (content instanceof Uint8Array) {
      const length = ["Content-Length", `${content.byteLength}`] as const;
      await this.raw.send(this.head(method, path, [...fields, length]));
      return await this.raw.send(content);
    }
    const chunked = ["Transfer-Encoding", "chunked"] as const;
    await this.raw.send(this.head(method, path, [...fields, chunked]));
    for (const piece of content) await this.sendChunk(piece);
    const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`);
    await this.raw.send(`0\r\n${lines.join("")}\r\n`);
  }

  /** Sends one chunk. */
  async sendChunk(piece: Uint8Array): Promise<void> {
    const size = bytesOf(`${piece.byteLength.toString(16)}\r\n`);
    await this.raw.send(concat([size, piece, bytesOf("\r\n")]));
  }

  /** Reads the head of an answer, interim ones too. @param method Of the request: HEAD has no content. */
  async answer(method: string = "GET"): Promise<Answer> {
    const head = await this.raw.readHead();
    const [statusLine = "", ...lines] = head.trimEnd().split("\r\n");
    const status = Number(statusLine.split(" ")[1]);
    const fields = fieldLines(lines);
    const framing = framingOf(fields, { status, method });
    const content = new ReceivedContent(this.raw, framing);
    return {
      status,
      head,
      fields,
      content,
      get: (name) => fieldOf(fields, name),
      text: () => textFrom(content),
    };
  }

  /** Sends a request and reads the head of its answer. */
  async exchange(
    method: string,
    path: string,
    question: Question = {},
  ): Promise<Answer> {
    await this.ask(method, path, question);
    return await this.answer(method);
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}

async function connectTo(
  raw: RawClient,
  authority: string,
  authorization: string,
): Promise<void> {
  await raw.send(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n` +
      `Proxy-Authorization: ${authorization}\r\n\r\n`,
  );
  const head = await raw.readHead();
  if (!head.startsWith("HTTP/1.1 200 ")) {
    throw new Error(`No tunnel to ${authority}: ${head}`);
  }
}

function framingOf(
  fields: FieldLines,
  { status, method }: { readonly status: number; readonly method: string },
): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return 0;
  }
  if (fieldOf(fields, "transfer-encoding") !== undefined) return "chunked";
  const length = fieldOf(fields, "content-length");
  return length === undefined ? "close" : Number(length);
}

async function textFrom(content: ReceivedContent): Promise<string> {
  let text = "";
  for await (const piece of content) {
    for (const byte of piece) text += String.fromCharCode(byte);
  }
  return text;
}
