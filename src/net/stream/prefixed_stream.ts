/**
 * A stream whose first bytes were read already.
 */
import type { ByteStream } from "./byte_stream.ts";

/** Gives `prefix` first, then what `stream` has. */
export function prefixedStream(
  prefix: Uint8Array,
  stream: ByteStream,
): ByteStream {
  if (prefix.length === 0) return stream;
  let rest = prefix;
  return {
    read(into) {
      if (rest.length === 0) return stream.read(into);
      const piece = rest.subarray(0, into.length);
      into.set(piece);
      rest = rest.subarray(piece.length);
      return Promise.resolve(piece.length);
    },
    write: (bytes) => stream.write(bytes),
    closeWrite: () => stream.closeWrite(),
    close: () => stream.close(),
  };
}
