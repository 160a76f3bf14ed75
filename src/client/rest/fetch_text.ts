/**
 * One small HTTP request and its answer as text, over a connection of its own.
 *
 * @module
 */
import { deadline } from "../../async/timer.ts";
import type { Body, PlainRequest } from "../../http/exchange.ts";
import { textBody } from "../../http/bytes_body.ts";
import { Fields } from "../../http/fields.ts";
import { Http1Connection } from "../../http1/client/connection.ts";
import { sendHttp1 } from "../../http1/client/send.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import type { Connect } from "../../net/dial/connect.ts";

/** What is asked. */
export interface TextRequest {
  /** `https://host:port`. */
  readonly origin: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly fields: readonly string[];
  /** Content, or `undefined` for none. */
  readonly json: string | undefined;
  readonly connect: Connect;
  readonly signal: AbortSignal;
}

/** What is answered. */
export interface TextReply {
  readonly status: number;
  readonly fields: Fields;
  readonly text: string;
}

/** Replies are a few KiB; whoever sends more is no Sallyport server. */
const MAX_REPLY_CHARACTERS = 1024 * 1024;
/** A server that takes longer than this for a small answer will not give it. */
const REPLY_TIMEOUT = 30_000;

/**
 * Sends a request and reads the whole answer.
 *
 * @throws {DialError} When the server cannot be reached.
 * @throws {Http1Error} When it does not answer in HTTP, or not in time.
 */
export async function requestText(request: TextRequest): Promise<TextReply> {
  const { protocol, hostname, port } = new URL(request.origin);
  const secure = protocol === "https:";
  const conn = await request.connect({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || (secure ? 443 : 80)),
    secure,
  }, request.signal);
  const stop = () => closeQuietly(conn);
  request.signal.addEventListener("abort", stop);
  try {
    return await deadline(exchange(conn, request), REPLY_TIMEOUT, stop);
  } finally {
    request.signal.removeEventListener("abort", stop);
    stop();
  }
}

async function exchange(
  conn: ByteStream,
  { origin, method, path, fields, json, signal }: TextRequest,
): Promise<TextReply> {
  const { host, protocol } = new URL(origin);
  const list = new Fields([...fields]);
  if (json !== undefined) list.append("Content-Type", "application/json");
  const request: PlainRequest = {
    kind: "request",
    method,
    scheme: protocol === "https:" ? "https" : "http",
    authority: host,
    path,
    fields: list,
    body: json === undefined ? undefined : textBody(json),
  };
  const response = await sendHttp1(new Http1Connection(conn), request, {
    id: "rest",
    signal,
    inform() {},
  });
  if (response.kind === "stream") {
    throw new TypeError("No upgrade was asked for");
  }
  const { status, fields: answered, body } = response;
  return { status, fields: answered, text: await readText(body) };
}

async function readText(body: Body | undefined): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  while (body !== undefined) {
    const count = await body.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    if (text.length > MAX_REPLY_CHARACTERS) {
      throw new RangeError(
        `The answer is over ${MAX_REPLY_CHARACTERS} characters`,
      );
    }
  }
  return text + decoder.decode();
}
