import { timer } from "../../async/timer.ts";
import type { ByteStream } from "./byte_stream.ts";

/** A ClientHello of a browser fits. */
const PEEKED = 4 * 1024;

/** What a stream began with. */
export interface Peeked {
  /** The first byte; `late` when none came in time, `end` when the stream has none. */
  readonly first: number | "late" | "end";
  /** The stream with its beginning. */
  readonly stream: ByteStream;
}

/**
 * Waits for the first byte.
 *
 * @param timeout In milliseconds: in some protocols the other side speaks first.
 * @throws What reading throws.
 */
export async function peek(
  stream: ByteStream,
  timeout: number,
): Promise<Peeked> {
  const buffer = new Uint8Array(PEEKED);
  const reading = stream.read(buffer);
  const late = Promise.withResolvers<"late">();
  using _limit = timer(timeout, () => late.resolve("late"));
  const count = await Promise.race([reading, late.promise]);
  return {
    first: count === "late" ? count : firstOf(buffer, count),
    stream: replayed(stream, { buffer, reading }),
  };
}

function firstOf(buffer: Uint8Array, count: number | null): number | "end" {
  return (count === null ? undefined : buffer[0]) ?? "end";
}

/** `stream`, whose first read has begun. */
function replayed(
  stream: ByteStream,
  { buffer, reading }: {
    readonly buffer: Uint8Array;
    readonly reading: Promise<number | null>;
  },
): ByteStream {
  let rest: Uint8Array | undefined;
  return {
    async read(into) {
      if (rest === undefined) {
        const count = await reading;
        rest = buffer.subarray(0, count ?? 0);
        if (count === null) return null;
      }
      if (rest.length === 0) return await stream.read(into);
      const piece = rest.subarray(0, into.length);
      into.set(piece);
      rest = rest.subarray(piece.length);
      return piece.length;
    },
    write: (bytes) => stream.write(bytes),
    closeWrite: () => stream.closeWrite(),
    close: () => stream.close(),
  };
}
