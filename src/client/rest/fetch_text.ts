/** One small HTTP request and its response as text, over a connection of its own. */
import { deadline } from "../../async/timer.ts";
import type { Body, PlainRequest } from "../../http/exchange.ts";
import { textBody } from "../../http/bytes_body.ts";
import { Fields } from "../../http/fields.ts";
import { Http1Connection } from "../../http1/client/connection.ts";
import { sendHttp1 } from "../../http1/client/send.ts";
import type { HttpLogMode } from "../../log/http_log.ts";
import { hideInContent, logHttp } from "../../log/http_message.ts";
import { logger } from "../../log/log.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import type { Connect } from "../../net/dial/connect.ts";

/** The request. */
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

/** The response. */
export interface TextResponse {
  readonly status: number;
  readonly fields: Fields;
  readonly text: string;
}

const log = logger("control");

/** Replies are a few KiB: a peer that sends more is not a Sallyport server. */
const MAX_REPLY_CHARACTERS = 1024 * 1024;
/** A server that takes longer for a small response will not send one, in milliseconds. */
const REPLY_TIMEOUT = 30_000;

/**
 * Sends a request and reads the whole response.
 *
 * @throws {DialError} When the server cannot be reached.
 * @throws {Http1Error} When the response is not valid HTTP, or comes too late.
 */
export async function fetchText(request: TextRequest): Promise<TextResponse> {
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
): Promise<TextResponse> {
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
    throw new TypeError("The request was not an Upgrade");
  }
  return {
    status: response.status,
    fields: response.fields,
    text: await readText(response.body),
  };
}

/** Content as text. @throws {RangeError} When there is more than a server sends. */
export async function readText(body: Body | undefined): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  while (body !== undefined) {
    const count = await body.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    if (text.length > MAX_REPLY_CHARACTERS) {
      throw new RangeError(
        `The response is over ${MAX_REPLY_CHARACTERS} characters`,
      );
    }
  }
  return text + decoder.decode();
}

/** Makes one call: `fetchText()`, or a function around it. */
type FetchText = (request: TextRequest) => Promise<TextResponse>;

/** `fetch`, whose calls are logged. A call without a response is not: the caller reports it. */
export function withCallLog(
  fetch: FetchText,
  mode: HttpLogMode = "none",
): FetchText {
  if (mode === "none") return fetch;
  return async function fetchAndLog(request) {
    const startedAt = performance.now();
    const response = await fetch(request);
    logHttp(log, mode, {
      method: request.method,
      url: request.origin + request.path,
      status: response.status,
      duration: performance.now() - startedAt,
      request: pairsOf(request.fields),
      response: [],
      requestBody: hideInContent(request.json ?? ""),
      responseBody: hideInContent(response.text),
    });
    return response;
  };
}

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name, fields[at + 1] ?? ""]] : []
  );
}
