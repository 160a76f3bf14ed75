import type { ByteStream } from "./byte_stream.ts";

/** Called what passes. None of its methods throws. */
export interface StreamTap {
  /** So many bytes were read. */
  onRead(bytes: number): void;
  /** So many bytes were written. */
  onWrite(bytes: number): void;
  /** It was closed; called once. */
  onClose(): void;
}

/** The same stream, observed. */
export function tapStream(stream: ByteStream, tap: StreamTap): ByteStream {
  let isClosed = false;
  return {
    async read(into) {
      const count = await stream.read(into);
      if (count !== null) tap.onRead(count);
      return count;
    },
    async write(bytes) {
      const count = await stream.write(bytes);
      tap.onWrite(count);
      return count;
    },
    closeWrite: () => stream.closeWrite(),
    close() {
      if (!isClosed) tap.onClose();
      isClosed = true;
      stream.close();
    },
  };
}
