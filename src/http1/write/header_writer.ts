/**
 * Writes start lines and header sections.
 *
 * Every character is checked: a field value with a line break would be a second
 * message.
 */
import type { Fields } from "../../http/fields.ts";
import { isHopByHop } from "../../http/hop_by_hop.ts";
import { statusText } from "../../http/status_text.ts";
import { TOKEN_BYTES, VALUE_BYTES } from "../../http/tokens.ts";
import type { Framing } from "../parse/framing.ts";
import { TARGET_BYTES } from "../parse/request_target.ts";
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";
import { OutputBuffer } from "./output_buffer.ts";

/** What marks the end of the content we send. "lengthOnly" keeps a length without content, as for HEAD. */
export type SentFraming = Framing | { readonly kind: "lengthOnly" };

/** The first line of a request. */
export interface RequestLine {
  readonly method: string;
  /** In one of the four forms (RFC 9112 §3.2). */
  readonly target: string;
}

/** Adds `GET /path HTTP/1.1`. */
export function putRequestLine(
  out: OutputBuffer,
  { method, target }: RequestLine,
): void {
  if (method === "" || target === "") {
    throw new TypeError("Cannot write a request without a method or target");
  }
  out.checked(method, TOKEN_BYTES);
  out.literal(" ");
  out.checked(target, TARGET_BYTES);
  out.literal(" HTTP/1.1\r\n");
}

/** Adds `HTTP/1.1 200 OK`. */
export function putStatusLine(
  out: OutputBuffer,
  status: number,
  reason: string = statusText(status),
): void {
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new RangeError(
      `Cannot write the status ${status}: it is not three digits`,
    );
  }
  out.literal(`HTTP/1.1 ${status} `);
  out.checked(reason, VALUE_BYTES);
  out.literal("\r\n");
}

/**
 * Adds the fields of a forwarded message. Our framing replaces its own, and
 * fields of the other connection are left out.
 */
export function putFields(
  out: OutputBuffer,
  fields: Fields,
  framing: SentFraming,
): void {
  const { flat } = fields;
  let isFramed = framing.kind === "none" || framing.kind === "close";
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] ?? "";
    if (isHopByHop(name)) continue;
    if (isContentLength(name)) {
      // The length keeps its position among the fields.
      if (!isFramed) isFramed = putLength(out, flat[at + 1] ?? "", framing);
      continue;
    }
    out.field(name, flat[at + 1] ?? "");
  }
  if (isFramed) return;
  if (framing.kind === "length") putLength(out, "", framing);
  if (framing.kind === "chunked") out.literal("Transfer-Encoding: chunked\r\n");
}

/** Returns whether that was the framing field. */
function putLength(
  out: OutputBuffer,
  value: string,
  framing: SentFraming,
): boolean {
  if (framing.kind === "length") {
    out.literal(`Content-Length: ${framing.length}\r\n`);
    return true;
  }
  if (framing.kind !== "lengthOnly" || !isNumber(value)) return false;
  out.literal(`Content-Length: ${value}\r\n`);
  return true;
}

function isContentLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === "content-length";
}

function isNumber(text: string): boolean {
  return /^\d{1,16}$/.test(text);
}

/** Writes a request without content whose fields are all our own, `Connection` included. */
export async function writeRequestHeader(
  sink: ByteWriter,
  line: RequestLine,
  fields: Fields,
): Promise<void> {
  await writeHeader(sink, fields, (out) => putRequestLine(out, line));
}

/** Writes the header section of a response whose fields are all our own, `Connection` included. */
export async function writeResponseHeader(
  sink: ByteWriter,
  status: number,
  fields: Fields,
): Promise<void> {
  await writeHeader(sink, fields, (out) => putStatusLine(out, status));
}

async function writeHeader(
  sink: ByteWriter,
  fields: Fields,
  putFirstLine: (out: OutputBuffer) => void,
): Promise<void> {
  const out = new OutputBuffer(sink);
  putFirstLine(out);
  for (const [name, value] of fields) out.field(name, value);
  out.literal("\r\n");
  await writeAll(sink, out.bytes);
  out.release();
}
