/*
 * Exchanges without a network.
 */
import { bytesBody, textBody } from "../../src/http/bytes_body.ts";
import type {
  Body,
  ExchangeContext,
  Handler,
  PlainRequest,
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
  UpgradeRequest,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";

/** A signal that is never aborted. */
export const NEVER: AbortSignal = new AbortController().signal;

/** What surrounds an exchange that nobody gives up. */
export function contextOf(signal: AbortSignal = NEVER): ExchangeContext {
  return { id: "1", signal, inform() {} };
}

/** A request as a proxy gets it. */
export function requestOf(
  url: string,
  { method = "GET", fields = [], body }: {
    readonly method?: string;
    /** Names and values in turn. */
    readonly fields?: readonly string[];
    readonly body?: Body | undefined;
  } = {},
): PlainRequest {
  const { protocol, host, pathname, search } = new URL(url);
  return {
    kind: "request",
    method,
    scheme: protocol === "https:" ? "https" : "http",
    authority: host,
    path: pathname + search,
    fields: new Fields([...fields]),
    body,
  };
}

/** A WebSocket handshake. */
export function upgradeOf(url: string): UpgradeRequest {
  const { scheme, authority, path, fields } = requestOf(url);
  const rest = { scheme, authority, path, fields };
  return { kind: "upgrade", method: "GET", protocol: "websocket", ...rest };
}

/** A response as a site gives it. */
export function responseOf(
  body: string | Uint8Array | Body | undefined,
  { status = 200, fields = [] }: {
    readonly status?: number;
    readonly fields?: readonly string[];
  } = {},
): PlainResponse {
  return {
    kind: "response",
    status,
    fields: new Fields([...fields]),
    body: typeof body === "string"
      ? textBody(body)
      : body instanceof Uint8Array
      ? bytesBody(body)
      : body,
  };
}

/** A site whose response describes the request, in words that are easy to compare. */
export const echo: Handler = async (
  request: ProxyRequest,
): Promise<PlainResponse> => {
  const { method, authority, fields } = request;
  const place = request.kind === "connect"
    ? authority
    : `${request.scheme}://${authority}${request.path}`;
  const lines = [`${method} ${place}`];
  for (const [name, value] of fields) lines.push(`${name}: ${value}`);
  const body = request.kind === "request" ? request.body : undefined;
  if (body !== undefined) lines.push("", await textOf(body));
  return responseOf(lines.join("\n"), {
    fields: [
      "Content-Type",
      "text/plain",
      "Set-Cookie",
      "a",
      "Set-Cookie",
      "b",
    ],
  });
};

/** Everything that `body` has, as text. */
export async function textOf(body: Body | undefined): Promise<string> {
  return new TextDecoder().decode(await bytesOf(body));
}

/** Everything that `body` has, read in small pieces. */
export async function bytesOf(body: Body | undefined): Promise<Uint8Array> {
  const pieces: number[] = [];
  const piece = new Uint8Array(7);
  for (;;) {
    const count = await body?.read(piece) ?? null;
    if (count === null) return Uint8Array.from(pieces);
    pieces.push(...piece.subarray(0, count));
  }
}

/** The text of a plain response. */
export async function answerText(response: ProxyResponse): Promise<string> {
  if (response.kind !== "response") throw new TypeError("It is a stream");
  return await textOf(response.body);
}
