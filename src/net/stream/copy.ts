import type {
  ByteReader,
  ByteWriter,
  ReaderFrom,
  WriterTo,
} from "./byte_stream.ts";

/** An idle flow holds this much; most flows of a test browser are idle. */
const FIRST_BUFFER = 4 * 1024;
/** Beyond this, loopback copies get no faster and memory per flow only grows. */
const MAX_BUFFER = 64 * 1024;

/**
 * Copies everything from `source` to `sink`, which is not closed.
 *
 * A sink that reads into its own buffers, or a source that hands out its own,
 * does so: then nothing is copied twice.
 *
 * @returns The number of bytes.
 * @throws What the source or the sink throws.
 */
export async function copy(
  sink: ByteWriter,
  source: ByteReader,
): Promise<number> {
  if (isWriterTo(source)) return await source.writeTo(sink);
  if (isReaderFrom(sink)) return await sink.readFrom(source);
  let buffer = new Uint8Array(FIRST_BUFFER);
  let total = 0;
  while (true) {
    const count = await source.read(buffer);
    if (count === null) return total;
    await writeAll(sink, buffer.subarray(0, count));
    total += count;
    if (count === buffer.length && count < MAX_BUFFER) {
      buffer = new Uint8Array(count * 4);
    }
  }
}

/** Writes all of `bytes`, however many calls it takes. */
export async function writeAll(
  sink: ByteWriter,
  bytes: Uint8Array,
): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await sink.write(rest));
}

function isWriterTo(source: ByteReader): source is ByteReader & WriterTo {
  return "writeTo" in source;
}

function isReaderFrom(sink: ByteWriter): sink is ByteWriter & ReaderFrom {
  return "readFrom" in sink;
}
