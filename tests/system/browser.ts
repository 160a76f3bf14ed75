/**
 * A browser that asks a proxy for one page at a time, and notices when an
 * answer is cut short.
 *
 * @module
 */
import { textOf } from "../testing/byte_scanner.ts";
import { RawClient } from "../testing/raw_client.ts";
import {
  type FieldLines,
  fieldLines,
  fieldOf,
  ReceivedContent,
} from "../testing/received_content.ts";
import { USER } from "./programs.ts";

/** A proxy, and what the browser says to it. */
export interface BrowserProxy {
  readonly port: number;
  /** `user+tunnel:password`; nothing is said when it is `undefined`. */
  readonly credentials?: string | undefined;
  /** Default: GET. */
  readonly method?: string;
}

/** The usual credentials: the demo user's for its tunnel `lab`. */
export const CREDENTIALS: string = `${USER.name}+lab:${USER.key}`;

/** An answer whose head is there. */
export interface Opening extends Disposable {
  readonly status: number;
  readonly fields: FieldLines;
  /** Reads the next line of the content. @throws When it was cut short. */
  line(): Promise<string>;
  /** Reads the rest of the content. @throws When it was cut short. */
  rest(): Promise<string>;
}

/** A whole answer. */
export interface Page {
  readonly status: number;
  readonly text: string;
  /** What `X-Sallyport-Error` says: the reason and the sentence. */
  readonly error: string | undefined;
  /** The value of a field. */
  get(name: string): string | undefined;
}

/** Sends a request for `url` (absolute) and reads the head of the answer. */
export async function open(
  url: string,
  proxy: BrowserProxy,
): Promise<Opening> {
  const [, authority = ""] = /^https?:\/\/([^/]+)/.exec(url) ?? [];
  const { method = "GET" } = proxy;
  return await converse([method, url, authority], proxy);
}

/** Gets a page. */
export async function get(url: string, proxy: BrowserProxy): Promise<Page> {
  using opening = await open(url, proxy);
  return await pageOf(opening);
}

/** Reads the answer to what was sent by hand. */
export async function readPage(raw: RawClient): Promise<Page> {
  return await pageOf(openingOf(await raw.readHead(), raw));
}

/** Asks for a connection to `authority`. The page is empty when there is one, and says why when there is none. */
export async function connectTo(
  authority: string,
  proxy: BrowserProxy,
): Promise<Page> {
  using opening = await converse(["CONNECT", authority, authority], proxy);
  const isOpen = opening.status === 200;
  return await pageOf(isOpen ? { ...opening, rest: nothing } : opening);
}

function nothing(): Promise<string> {
  return Promise.resolve("");
}

async function pageOf(
  { status, fields, rest }: Omit<Opening, "line">,
): Promise<Page> {
  return {
    status,
    text: await rest(),
    error: fieldOf(fields, "x-sallyport-error"),
    get: (name) => fieldOf(fields, name),
  };
}

async function converse(
  [method, target, authority]: readonly [string, string, string],
  { port, credentials }: BrowserProxy,
): Promise<Opening> {
  const raw = await RawClient.connect({ port });
  try {
    await raw.send([
      `${method} ${target} HTTP/1.1`,
      `Host: ${authority}`,
      ...credentials === undefined
        ? []
        : [`Proxy-Authorization: Basic ${btoa(credentials)}`],
      ...method === "CONNECT" ? [] : ["Connection: close"],
      ...["", ""],
    ].join("\r\n"));
    return openingOf(await raw.readHead(), raw);
  } catch (error) {
    raw.close();
    throw error;
  }
}

function openingOf(head: string, raw: RawClient): Opening {
  const [statusLine = "", ...lines] = head.trimEnd().split("\r\n");
  const fields = fieldLines(lines);
  const length = fieldOf(fields, "content-length");
  const isChunked = fieldOf(fields, "transfer-encoding") !== undefined;
  const content = new ReceivedContent(
    raw,
    isChunked ? "chunked" : Number(length ?? 0),
  );
  return {
    status: Number(statusLine.split(" ")[1]),
    fields,
    line: () => lineOf(content),
    rest: () => restOf(content),
    [Symbol.dispose]: () => raw.close(),
  };
}

async function lineOf(content: ReceivedContent): Promise<string> {
  const byte = new Uint8Array(1);
  let line = "";
  while (!line.endsWith("\n") && await content.read(byte) !== null) {
    line += String.fromCharCode(...byte);
  }
  return line;
}

async function restOf(content: ReceivedContent): Promise<string> {
  let text = "";
  for await (const piece of content) text += textOf(piece);
  return text;
}
