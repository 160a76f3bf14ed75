/**
 * A TLS port that gets plain HTTP: people forget the `s` of `https`. They are
 * sent to the same URL with it. One request costs one header section of bounded
 * size and time, and then the connection ends.
 */
import { deadline } from "../async/timer.ts";
import { Fields } from "../http/fields.ts";
import { BufferedReader } from "../http1/parse/buffered_reader.ts";
import { parseRequest } from "../http1/parse/header_parser.ts";
import { readHeaderSection } from "../http1/parse/header_reader.ts";
import {
  type IncomingRequest,
  toIncomingRequest,
} from "../http1/server/incoming_request.ts";
import { writeResponseHeader } from "../http1/write/header_writer.ts";
import { type ByteStream, closeQuietly } from "../net/stream/byte_stream.ts";
import { writeAll } from "../net/stream/copy.ts";

/** Browsers send a few hundred bytes, and more with cookies. */
const MAX_HEAD_BYTES = 8 * 1024;
/** How long the request and the end of the connection may take, in milliseconds each. */
const TIMEOUT = 5_000;
/** Content that is read and dropped, so that the response is not lost to a reset. */
const MAX_DROPPED = 64 * 1024;

const NEEDS_TLS = "This port speaks TLS: write https:// before its address";

/** Whether a connection that begins with this byte may speak HTTP: methods begin with a capital letter. */
export function mayBeHttp(firstByte: number | undefined): boolean {
  return firstByte !== undefined && firstByte >= 0x41 && firstByte <= 0x5a;
}

/**
 * Reads a request and redirects it, and closes the connection.
 *
 * @throws When the connection breaks, or takes too long.
 */
export async function redirectPlain(conn: ByteStream): Promise<void> {
  try {
    const reader = new BufferedReader(conn);
    await deadline(
      respond(conn, reader),
      TIMEOUT,
      () => closeQuietly(conn),
    );
    await deadline(finish(conn, reader), TIMEOUT, () => closeQuietly(conn));
  } finally {
    closeQuietly(conn);
  }
}

async function respond(
  conn: ByteStream,
  reader: BufferedReader,
): Promise<void> {
  const head = await readHeaderSection(reader, {
    maxHeaderBytes: MAX_HEAD_BYTES,
  }).catch(ignoreBroken);
  if (head === undefined) return;
  const location = locationOf(head);
  const text = new TextEncoder().encode(`${NEEDS_TLS}\n`);
  await writeResponseHeader(
    conn,
    location === undefined ? 400 : 308,
    new Fields([
      ...location === undefined ? [] : ["Location", location],
      ...["Content-Type", "text/plain; charset=utf-8"],
      ...["Content-Length", String(text.length)],
      ...["Connection", "close"],
    ]),
  );
  await writeAll(conn, text);
}

/** The same URL with TLS; `undefined` for requests to a proxy, and for broken ones. */
function locationOf(head: Uint8Array): string | undefined {
  const request = read(head);
  if (request === undefined || !request.isOriginForm) return undefined;
  const { authority, path } = request;
  if (authority === "") return undefined;
  return `https://${authority}${path === "*" ? "/" : path}`;
}

function read(head: Uint8Array): IncomingRequest | undefined {
  try {
    return toIncomingRequest(parseRequest(head), "http");
  } catch {
    // It gets the same sentence as a request to a proxy.
    return undefined;
  }
}

async function finish(conn: ByteStream, reader: BufferedReader): Promise<void> {
  await conn.closeWrite();
  let dropped = 0;
  while (dropped <= MAX_DROPPED) {
    dropped += reader.buffered;
    reader.skip(reader.buffered);
    if (!await reader.fill()) return;
  }
}

/** A header section that is too large, or not one. */
function ignoreBroken(): undefined {
  return undefined;
}
