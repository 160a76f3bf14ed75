import type { ByteReader, ByteWriter } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";

/** Buffer size while waiting: thousands of idle connections keep this much each. */
const IDLE_SIZE = 8 * 1024;

/** Buffer size for a source that keeps filling its buffer: one DATA frame. */
const BULK_SIZE = 64 * 1024;

/** Small buffers to keep. Most sources are short, and a new buffer for each is work for the garbage collector. */
const MAX_SPARE_IDLE = 64;

/** Large buffers to keep, because sources change between waiting and streaming all the time. */
const MAX_SPARE = 16;

const spareIdle: Uint8Array<ArrayBuffer>[] = [];
const spare: Uint8Array<ArrayBuffer>[] = [];

/**
 * Writes everything from `source` to `sink`, with a buffer whose size fits the
 * source. Returns the number of bytes.
 */
export async function sendAll(
  source: ByteReader,
  sink: ByteWriter,
): Promise<number> {
  const idle = spareIdle.pop() ?? new Uint8Array(IDLE_SIZE);
  let bulk: Uint8Array<ArrayBuffer> | undefined;
  let total = 0;
  try {
    for (;;) {
      const buffer = bulk ?? idle;
      const length = await source.read(buffer);
      if (length === null) return total;
      total += length;
      await writeAll(sink, buffer.subarray(0, length));
      if (length === IDLE_SIZE) bulk ??= take();
      if (length >= IDLE_SIZE) continue;
      giveBack(bulk);
      bulk = undefined;
    }
  } finally {
    giveBack(bulk);
    if (spareIdle.length < MAX_SPARE_IDLE) spareIdle.push(idle);
  }
}

function take(): Uint8Array<ArrayBuffer> {
  return spare.pop() ?? new Uint8Array(BULK_SIZE);
}

function giveBack(buffer: Uint8Array<ArrayBuffer> | undefined): void {
  if (buffer !== undefined && spare.length < MAX_SPARE) spare.push(buffer);
}
