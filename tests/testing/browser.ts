/**
 * The browser: it sends requests to the proxy, exactly as the test says, gives
 * the responses as they came, and notices when one is cut short.
 *
 * `get()`, `open()` and `connectTo()` use a connection once;
 * {@linkcode BrowserConnection} sends many requests on one.
 *
 * @module
 */
import { bytesOf, concat, textOf } from "./byte_scanner.ts";
import { RawClient } from "./raw_client.ts";
import {
  type FieldLines,
  fieldLines,
  fieldOf,
  type Framing,
  ReceivedContent,
} from "./received_content.ts";

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

/** A response whose head has been read. */
export interface Answer {
  readonly status: number;
  /** The head as it came. */
  readonly head: string;
  readonly fields: FieldLines;
  readonly content: ReceivedContent;
  /** What `X-Sallyport-Error` says: the reason and the sentence. */
  readonly error: string | undefined;
  /** The first value of a field. */
  get(name: string): string | undefined;
  /** Reads one line of the content. @throws When it is cut short. */
  line(): Promise<string>;
  /** Reads the rest of the content, as text whose characters are bytes. @throws When it is cut short. */
  text(): Promise<string>;
}

/** A response whose connection ends when it is disposed. */
export type Opening = Answer & Disposable;

/** A whole response. */
export interface Page extends Pick<Answer, "status" | "error" | "get"> {
  readonly text: string;
}

/** A proxy, and the login that the browser sends to it. */
export interface BrowserProxy {
  readonly port: number;
  readonly hostname?: string;
  /** `user+tunnel:password`; nothing is sent when it is `undefined`. */
  readonly credentials?: string | undefined;
  /** Of `get()` and `open()`: GET by default. */
  readonly method?: string;
}

/** Where a connection leads. */
export interface ConnectionOptions {
  /** The site. */
  readonly site: { readonly port: number };
  /** What the browser calls it. */
  readonly hostname?: string;
  readonly way?: Way;
}

/** One connection to the proxy, for requests to one site. */
export class BrowserConnection implements Disposable {
  /** For what this class does not do. */
  readonly raw: RawClient;
  /** What every request begins with, between method and path. */
  readonly #base: string;
  readonly #fields: FieldLines;

  private constructor(raw: RawClient, base: string, fields: FieldLines) {
    this.raw = raw;
    this.#base = base;
    this.#fields = fields;
  }

  /** Connects to the proxy, and through it to the site with `way: "connect"`. */
  static async open(
    proxy: BrowserProxy,
    { site, hostname = "origin.test", way = "plain" }: ConnectionOptions,
  ): Promise<BrowserConnection> {
    const authority = `${hostname}:${site.port}`;
    if (way === "plain") {
      return await this.to(proxy, { base: `http://${authority}`, authority });
    }
    const connection = await this.to(proxy, { base: "", authority });
    try {
      const { status, head } = await connection.exchange("CONNECT", authority);
      if (status !== 200) throw new Error(`No tunnel to ${authority}: ${head}`);
    } catch (cause) {
      connection.raw.close();
      throw cause;
    }
    return new BrowserConnection(connection.raw, "", [["Host", authority]]);
  }

  /** Connects to the proxy; targets of requests are `base` and a path. */
  static async to(
    { port, hostname, credentials }: BrowserProxy,
    { base, authority }: { readonly base: string; readonly authority: string },
  ): Promise<BrowserConnection> {
    const address = hostname === undefined ? { port } : { port, hostname };
    const login: FieldLines = credentials === undefined
      ? []
      : [["Proxy-Authorization", `Basic ${btoa(credentials)}`]];
    const raw = await RawClient.connect(address);
    return new BrowserConnection(raw, base, [["Host", authority], ...login]);
  }

  /** The head of a request, with the empty line. */
  head(method: string, path: string, fields: FieldLines = []): string {
    const lines = [...this.#fields, ...fields].map(([name, value]) =>
      `${name}: ${value}\r\n`
    );
    return `${method} ${this.#base}${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
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

  /** Reads the head of a response, interim ones too. @param method Of the request: HEAD has no content. */
  async answer(method: string = "GET"): Promise<Answer> {
    return await readAnswer(this.raw, method);
  }

  /** Sends a request and reads the head of its response. */
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

/** Sends a request for `url` (absolute) and reads the head of the response. */
export async function open(
  url: string,
  proxy: BrowserProxy,
): Promise<Opening> {
  const [base = "", authority = ""] = /^https?:\/\/([^/]+)/.exec(url) ?? [];
  const { method = "GET" } = proxy;
  const connection = await BrowserConnection.to(proxy, { base, authority });
  return await openingOf(
    connection,
    connection.exchange(method, url.slice(base.length), {
      fields: [["Connection", "close"]],
    }),
  );
}

/** Gets a page. */
export async function get(url: string, proxy: BrowserProxy): Promise<Page> {
  using opening = await open(url, proxy);
  return await pageOf(opening);
}

/** Requests a connection to `authority`. The page is empty when it is open, and says why when it is not. */
export async function connectTo(
  authority: string,
  proxy: BrowserProxy,
): Promise<Page> {
  const connection = await BrowserConnection.to(proxy, { base: "", authority });
  using opening = await openingOf(
    connection,
    connection.exchange("CONNECT", authority),
  );
  return await pageOf(opening);
}

/** TLS inside a CONNECT. */
export interface InnerTls {
  readonly site: { readonly port: number };
  readonly hostname: string;
  /** The only authority that the browser trusts, in PEM. */
  readonly ca: string;
  readonly alpnProtocols?: string[];
}

/** Connects to a site with CONNECT, and speaks TLS inside. @throws When the proxy refuses, or the browser does not trust the peer. */
export async function openTls(
  proxy: BrowserProxy,
  { site, hostname, ca, alpnProtocols = [] }: InnerTls,
): Promise<RawClient> {
  const way = "connect";
  const { raw } = await BrowserConnection.open(proxy, { site, hostname, way });
  const tls = await Deno.startTls(raw.conn as Deno.TcpConn, {
    hostname,
    caCerts: [ca],
    alpnProtocols,
  });
  try {
    await tls.handshake();
  } catch (cause) {
    tls.close();
    throw cause;
  }
  return RawClient.over(tls);
}

/** Reads the response to what was sent by hand. */
export async function readPage(raw: RawClient): Promise<Page> {
  return await pageOf(await readAnswer(raw, "GET"));
}

async function openingOf(
  connection: BrowserConnection,
  answer: Promise<Answer>,
): Promise<Opening> {
  const dispose = () => connection.raw.close();
  try {
    return { ...await answer, [Symbol.dispose]: dispose };
  } catch (cause) {
    dispose();
    throw cause;
  }
}

async function pageOf({ status, error, get, text }: Answer): Promise<Page> {
  return { status, error, get, text: await text() };
}

async function readAnswer(raw: RawClient, method: string): Promise<Answer> {
  const head = await raw.readHead();
  const [statusLine = "", ...lines] = head.trimEnd().split("\r\n");
  const status = Number(statusLine.split(" ")[1]);
  const fields = fieldLines(lines);
  const framing = framingOf(fields, { status, method });
  const content = new ReceivedContent(raw, framing);
  return {
    status,
    head,
    fields,
    content,
    error: fieldOf(fields, "x-sallyport-error"),
    get: (name) => fieldOf(fields, name),
    line: () => lineOf(content),
    text: () => textFrom(content),
  };
}

function framingOf(
  fields: FieldLines,
  { status, method }: { readonly status: number; readonly method: string },
): Framing {
  const isOpen = method === "CONNECT" && status === 200;
  const isEmpty = status < 200 || status === 204 || status === 304;
  if (method === "HEAD" || isOpen || isEmpty) return 0;
  if (fieldOf(fields, "transfer-encoding") !== undefined) return "chunked";
  const length = fieldOf(fields, "content-length");
  return length === undefined ? "close" : Number(length);
}

async function lineOf(content: ReceivedContent): Promise<string> {
  const byte = new Uint8Array(1);
  let line = "";
  while (!line.endsWith("\n") && await content.read(byte) !== null) {
    line += String.fromCharCode(...byte);
  }
  return line;
}

async function textFrom(content: ReceivedContent): Promise<string> {
  let text = "";
  for await (const piece of content) text += textOf(piece);
  return text;
}
