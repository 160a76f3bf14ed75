/**
 * HTTP/2 by hand over a real connection: frames are written and read as bytes
 * (RFC 9113 §4.1), so that a test holds what is on the wire and not our codec.
 *
 * @module
 */
import assert from "node:assert/strict";
import { HpackDecoder } from "../../src/http2/hpack/decoder.ts";
import { ByteScanner, bytesOf, writeAll } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";

/** Types of frames (RFC 9113 §6). */
export const DATA = 0;
export const HEADERS = 1;
export const SETTINGS = 4;
export const PING = 6;

/** Flags of frames. */
export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

/** What the side that opens the streams sends first (RFC 9113 §3.4). */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A frame. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** One side of a connection. */
export class FrameConn implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #scanner: ByteScanner;
  readonly #decoder = new HpackDecoder();

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#scanner = new ByteScanner(conn);
  }

  /** Sends text whose characters are bytes. */
  async text(text: string): Promise<void> {
    await writeAll(this.#conn, bytesOf(text));
  }

  /** Reads text that ends with `marker`. */
  async readThrough(marker: string): Promise<string> {
    const text = await within(this.#scanner.readThrough(marker), marker);
    return text ?? assert.fail("the connection ended");
  }

  /** Reads `count` bytes as text. */
  async readText(count: number): Promise<string> {
    const bytes = await within(this.#scanner.readExactly(count), "bytes");
    return new TextDecoder().decode(bytes);
  }

  /** Sends a frame. */
  async send(
    type: number,
    { flags = 0, stream = 0, payload = new Uint8Array() }: Partial<
      Omit<Frame, "type">
    > = {},
  ): Promise<void> {
    const { length } = payload;
    await writeAll(
      this.#conn,
      Uint8Array.of(
        ...[length >> 16, length >> 8 & 0xff, length & 0xff, type, flags],
        ...[stream >> 24, stream >> 16 & 0xff, stream >> 8 & 0xff],
        ...[stream & 0xff, ...payload],
      ),
    );
  }

  /** Sends HEADERS with all fields. */
  async headers(
    stream: number,
    fields: readonly string[],
    flags = 0,
  ): Promise<void> {
    const payload = literals(fields);
    await this.send(HEADERS, { stream, flags: flags | END_HEADERS, payload });
  }

  /** Reads a frame; acknowledges SETTINGS and PING on the way, as every peer must. */
  async next(): Promise<Frame> {
    const head = await within(this.#scanner.readExactly(9), "a frame");
    const [high = 0, middle = 0, low = 0, type = 0, flags = 0] = head;
    const payload = await within(
      this.#scanner.readExactly(high << 16 | middle << 8 | low),
      "the payload of a frame",
    );
    const stream = new DataView(head.buffer, head.byteOffset).getUint32(5);
    if ((type === SETTINGS || type === PING) && (flags & ACK) === 0) {
      await this.send(type, {
        flags: ACK,
        ...type === PING && { payload },
      });
    }
    return { type, flags, stream, payload };
  }

  /** Reads up to a frame of this type; others are skipped. */
  async expect(type: number): Promise<Frame> {
    while (true) {
      const frame = await this.next();
      if (frame.type === type && (type !== PING || frame.flags === ACK)) {
        return frame;
      }
    }
  }

  /** Reads up to HEADERS; the fields, and the stream. */
  async expectHeaders(): Promise<{
    readonly stream: number;
    readonly flags: number;
    readonly fields: readonly string[];
  }> {
    const { payload, stream, flags } = await this.expect(HEADERS);
    assert(flags & END_HEADERS, "the fields are in one frame");
    return { stream, flags, fields: this.#decoder.decode(payload) };
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }
}

/** Fields as literals without indexing and without Huffman (RFC 7541 §6.2.2). */
function literals(fields: readonly string[]): Uint8Array {
  const bytes: number[] = [];
  fields.forEach((text, index) => {
    if (index % 2 === 0) bytes.push(0);
    assert(text.length < 127, "a length of one byte");
    bytes.push(text.length, ...bytesOf(text));
  });
  return new Uint8Array(bytes);
}
