import type { ByteReader } from "./byte_stream.ts";

/**
 * Reads `length` bytes, and no byte more: the rest belongs to another reader.
 *
 * @param onEnd Makes the error that is thrown when the source ends before.
 */
export async function readExactly(
  source: ByteReader,
  length: number,
  onEnd: () => Error,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await source.read(bytes.subarray(filled));
    if (count === null) throw onEnd();
    filled += count;
  }
  return bytes;
}
