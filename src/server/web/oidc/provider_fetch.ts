/**
 * `fetch` for calls to the identity provider: one request on a connection of its
 * own, whose certificate is verified. Time and size are bounded.
 */
import { deadline } from "../../../async/timer.ts";
import type { Body, PlainRequest } from "../../../http/exchange.ts";
import { bytesBody } from "../../../http/bytes_body.ts";
import { Fields } from "../../../http/fields.ts";
import { Http1Connection } from "../../../http1/client/connection.ts";
import { sendHttp1 } from "../../../http1/client/send.ts";
import { type Connect, createConnect } from "../../../net/dial/connect.ts";
import { createDial } from "../../../net/dial/dial.ts";
import { firstAnswer, systemResolver } from "../../../net/names/resolver.ts";
import {
  type ByteStream,
  closeQuietly,
} from "../../../net/stream/byte_stream.ts";

/** How long one call may take, in milliseconds: a person is waiting. */
export const CALL_TIMEOUT = 10_000;
/** Longest reply in bytes. Sets of keys and tokens with many groups are much smaller. */
const MAX_REPLY = 1024 * 1024;

/** What a call may have; the shape is that of the web's `fetch`. */
export interface CallOptions {
  readonly method: string;
  readonly headers?: Headers | Record<string, string>;
  readonly body?: URLSearchParams | string | Uint8Array | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes one call. It follows no redirects. */
export type ProviderFetch = (
  url: string,
  options: CallOptions,
) => Promise<Response>;

/**
 * Makes the function.
 *
 * @param readCaCerts CA certificates in PEM to trust besides the system's; called for each call.
 */
export function createProviderFetch(
  readCaCerts: () => Promise<readonly string[]>,
): ProviderFetch {
  const dial = createDial({ resolve: firstAnswer(systemResolver) });
  return async function fetchFromProvider(url, options) {
    const caCerts = await readCaCerts();
    const connect = createConnect({ dial, caCerts, owner: "other" });
    return await callOnce(new URL(url), options, connect);
  };
}

async function callOnce(
  url: URL,
  options: CallOptions,
  connect: Connect,
): Promise<Response> {
  const { promise: hasStopped, reject: fail } = Promise.withResolvers<never>();
  hasStopped.catch(() => {});
  const stopping = new AbortController();
  const stop = (reason: unknown) => {
    stopping.abort(reason);
    fail(reason);
  };
  const { signal: given } = options;
  const leave = () => stop(given?.reason);
  given?.addEventListener("abort", leave);
  if (given?.aborted) leave();
  try {
    return await deadline(
      Promise.race([call(url, options, { connect, stopping }), hasStopped]),
      CALL_TIMEOUT,
      () => stop(new Error("The provider took too long")),
    );
  } finally {
    given?.removeEventListener("abort", leave);
    stopping.abort();
  }
}

async function call(
  url: URL,
  options: CallOptions,
  { connect, stopping: { signal } }: {
    readonly connect: Connect;
    readonly stopping: AbortController;
  },
): Promise<Response> {
  const secure = url.protocol === "https:";
  const conn = await connect({
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
  }, signal);
  const stop = () => closeQuietly(conn);
  signal.addEventListener("abort", stop);
  try {
    return await exchange(conn, requestOf(url, options), signal);
  } finally {
    stop();
  }
}

function requestOf(
  url: URL,
  { method, headers = {}, body = null }: CallOptions,
): PlainRequest {
  const named = new Headers(headers);
  const isForm = body instanceof URLSearchParams;
  if (isForm && !named.has("content-type")) {
    named.set("content-type", "application/x-www-form-urlencoded");
  }
  const content = body instanceof Uint8Array
    ? body
    : new TextEncoder().encode(String(body ?? ""));
  return {
    kind: "request",
    method,
    scheme: url.protocol === "https:" ? "https" : "http",
    authority: url.host,
    path: url.pathname + url.search,
    fields: new Fields([...named].flat()),
    body: body === null ? undefined : bytesBody(content),
  };
}

async function exchange(
  conn: ByteStream,
  request: PlainRequest,
  signal: AbortSignal,
): Promise<Response> {
  const response = await sendHttp1(new Http1Connection(conn), request, {
    id: "oidc",
    signal,
    inform() {},
  });
  if (response.kind === "stream") {
    throw new TypeError("The request was not an Upgrade");
  }
  const { status, fields } = response;
  const content = await readAll(response.body);
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  const isEmpty = status < 200 || [204, 205, 304].includes(status);
  return new Response(isEmpty ? null : content, { status, headers });
}

async function readAll(
  body: Body | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const buffer = new Uint8Array(16 * 1024);
  let size = 0;
  while (body !== undefined) {
    const count = await body.read(buffer);
    if (count === null) break;
    size += count;
    if (size > MAX_REPLY) {
      throw new RangeError(`The response is over ${MAX_REPLY} bytes`);
    }
    pieces.push(buffer.slice(0, count));
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
