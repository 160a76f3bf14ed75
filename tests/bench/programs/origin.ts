/**
 * The origin of all measurements, a process of its own: `GET /bytes/N` gets N
 * bytes, on keep-alive connections.
 *
 * Prints its port.
 *
 * @module
 */
import { contentStart, writeAll } from "./route.ts";

/** Large writes keep the origin's share of the machine small: it is not what is measured. */
const BLOCK = new Uint8Array(262_144).fill(0x61);
const MAX_HEAD_BYTES = 16_384;
/** The path stands in the first line. */
const MAX_LINE_BYTES = 128;
const SMALL_BYTES = 4096;

const decoder = new TextDecoder();
const smallResponses = new Map<number, Uint8Array<ArrayBuffer>>();

function headOf(length: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`,
  );
}

function smallResponse(length: number): Uint8Array<ArrayBuffer> {
  const known = smallResponses.get(length);
  if (known !== undefined) return known;
  const head = headOf(length);
  const response = new Uint8Array(head.byteLength + length).fill(0x61);
  response.set(head);
  smallResponses.set(length, response);
  return response;
}

async function respond(conn: Deno.Conn, length: number): Promise<void> {
  if (length <= SMALL_BYTES) return await writeAll(conn, smallResponse(length));
  await writeAll(conn, headOf(length));
  for (let left = length; left > 0; left -= BLOCK.byteLength) {
    await writeAll(
      conn,
      left < BLOCK.byteLength ? BLOCK.subarray(0, left) : BLOCK,
    );
  }
}

async function serve(conn: Deno.Conn): Promise<void> {
  const head = new Uint8Array(MAX_HEAD_BYTES);
  let length = 0;
  for (;;) {
    const read = await conn.read(head.subarray(length));
    if (read === null) return;
    length += read;
    if (contentStart(head, length) < 0) continue;
    const line = decoder.decode(head.subarray(0, MAX_LINE_BYTES));
    length = 0;
    await respond(conn, Number(/\/bytes\/(\d+) /.exec(line)?.[1] ?? 0));
  }
}

async function serveQuietly(conn: Deno.Conn): Promise<void> {
  try {
    await serve(conn);
  } catch {
    // The load ends by closing its connections in the middle of responses.
  } finally {
    conn.close();
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
// deno-lint-ignore no-console -- the port is this program's output
console.log(listener.addr.port);
for await (const conn of listener) {
  conn.setNoDelay();
  serveQuietly(conn);
}
