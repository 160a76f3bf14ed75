/** How a request is written: request line, fields, framing. No I/O. */
import type { PlainRequest, UpgradeRequest } from "../../http/exchange.ts";
import { hasToken } from "../../http/tokens.ts";
import { isAuthority } from "../parse/request_target.ts";
import {
  putFields,
  putRequestLine,
  type SentFraming,
} from "../write/header_writer.ts";
import type { OutputBuffer } from "../write/output_buffer.ts";

/** A request for an origin. CONNECT is handled elsewhere. */
export type OriginRequest = PlainRequest | UpgradeRequest;

/** The form of the target: a path for an origin, a URL for another proxy. */
export type TargetForm = "origin" | "absolute";

/** Methods that expect content: without any, they declare a length of 0 (RFC 9110 §8.6). */
const WITH_CONTENT: readonly string[] = ["POST", "PUT", "PATCH"];

/**
 * Adds request line and header section.
 *
 * Requests also come from HTTP/2, which does not stop a path or an authority
 * from meaning something else in a request line.
 *
 * @throws {TypeError} When the target or `Host` would have another meaning.
 */
export function putRequest(
  out: OutputBuffer,
  request: OriginRequest,
  form: TargetForm,
): void {
  const { method, authority, fields } = request;
  checkTarget(request);
  putRequestLine(out, { method, target: targetOf(request, form) });
  if (!fields.has("host")) out.field("Host", authority);
  putFields(out, fields, sentFramingOf(request));
  if (request.kind === "upgrade") {
    out.literal("Connection: Upgrade\r\n");
    out.field("Upgrade", request.protocol);
  }
  out.literal("\r\n");
}

/** What marks the end of the request. */
export function sentFramingOf(request: OriginRequest): SentFraming {
  const body = request.kind === "request" ? request.body : undefined;
  if (body === undefined) {
    return WITH_CONTENT.includes(request.method)
      ? { kind: "length", length: 0 }
      : { kind: "none" };
  }
  return body.length === undefined
    ? { kind: "chunked" }
    : { kind: "length", length: body.length };
}

/** Whether the content is sent only after a 100. */
export function waitsForContinue(request: OriginRequest): boolean {
  return request.kind === "request" && request.body !== undefined &&
    hasToken(request.fields.getList("expect"), "100-continue");
}

function checkTarget({ authority, path, fields }: OriginRequest): void {
  if (!path.startsWith("/") && path !== "*") {
    throw new TypeError("Cannot write a request: its path is not a path");
  }
  if (authority !== "" && !isAuthority(authority)) {
    throw new TypeError("Cannot write a request: its authority is not a host");
  }
  if (fields.getAll("host").length > 1) {
    throw new TypeError("Cannot write a request: it has more than one Host");
  }
}

function targetOf(request: OriginRequest, form: TargetForm): string {
  const { scheme, authority, path } = request;
  if (form === "origin") return path;
  return `${scheme}://${authority}${path === "*" ? "" : path}`;
}
