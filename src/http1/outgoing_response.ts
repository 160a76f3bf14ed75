/**
 * How an answer goes out: whether it fits the request, and its framing. No I/O.
 *
 * @module
 */
import type {
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { isWithoutContent } from "./framing.ts";
import type { SentFraming } from "./head_writer.ts";
import type { IncomingRequest } from "./incoming_request.ts";

/**
 * Whether `response` can answer `request`: a flow of bytes only where one was
 * asked for, and no ordinary 2xx to CONNECT, which would be taken for one.
 */
export function answersTo(
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

/** Whether the content is sent, not only described. */
export function hasContent(
  { status }: PlainResponse,
  { method }: IncomingRequest,
): boolean {
  return !isWithoutContent(method, status);
}

/** How the end of the answer is told (RFC 9112 §6.3, RFC 9110 §8.6). */
export function framingOf(
  response: PlainResponse,
  incoming: IncomingRequest,
): SentFraming {
  const { status, body } = response;
  if (status === 204) return { kind: "none" };
  if (!hasContent(response, incoming)) {
    // What a GET would have got: as the origin said it, or as the body knows it.
    if (body?.length === undefined) return { kind: "kept" };
    return { kind: "length", length: body.length };
  }
  if (body === undefined) return { kind: "length", length: 0 };
  if (body.length !== undefined) return { kind: "length", length: body.length };
  return { kind: incoming.isHttp10 ? "close" : "chunked" };
}
