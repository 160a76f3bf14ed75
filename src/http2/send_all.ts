/**
 * Sends everything a source has, with a buffer that fits the source.
 *
 * @module
 */
import type { ByteReader, ByteWriter } from "../net/byte_stream.ts";
import { writeAll } from "../net/copy.ts";

/** Bytes to wait with: thousands of idle connections keep no more than this each. */
const IDLE_SIZE = 8 * 1024;

/** Bytes to read at once while a source keeps filling its buffer: one DATA frame. */
const BULK_SIZE = 64 * 1024;

/** Writes everything `source` has to `sink`; returns the number of bytes. */
export async function sendAll(
  source: ByteReader,
  sink: ByteWriter,
): Promise<number> {
  let total = 0;
  let buffer = new Uint8Array(IDLE_SIZE);
  for (;;) {
    const length = await source.read(buffer);
    if (length === null) return total;
    total += length;
    await writeAll(sink, buffer.subarray(0, length));
    buffer = fitting(buffer, length);
  }
}

/** The buffer for the next read, after one that gave `length` bytes. */
function fitting(
  buffer: Uint8Array<ArrayBuffer>,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (length === buffer.length && length < BULK_SIZE) {
    return new Uint8Array(BULK_SIZE);
  }
  if (length < IDLE_SIZE && buffer.length > IDLE_SIZE) {
    return new Uint8Array(IDLE_SIZE);
  }
  return buffer;
}
