/** Limits the bytes per second of streams, with token buckets that connections share. */
import { sleep } from "../../async/timer.ts";
import { TokenBucket } from "../../async/token_bucket.ts";
import type { ByteStream } from "./byte_stream.ts";

/** Least burst in bytes: with less than a packet, every read would wait for its own timer. */
const MIN_BURST = 1_460;
/** A bucket holds the bytes of so many seconds, so that a pause does not end in a flood. */
const BURST_SECONDS = 0.1;

/**
 * A bucket of bytes for streams.
 *
 * @param bytesPerSecond Above 0.
 * @param now Milliseconds of a monotonic clock.
 */
export function byteBucket(
  bytesPerSecond: number,
  now?: () => number,
): TokenBucket {
  const burst = Math.max(MIN_BURST, bytesPerSecond * BURST_SECONDS);
  const rate = { burst: Math.floor(burst), perSecond: bytesPerSecond };
  return new TokenBucket(rate, now);
}

/** The buckets of the two directions, shared by streams. */
export interface RateLimits {
  /** For reads. Default: no limit. */
  readonly read?: TokenBucket | undefined;
  /** For writes. Default: no limit. */
  readonly write?: TokenBucket | undefined;
}

/** `stream` with `limits`; `stream` itself when there are none. */
export function limitRate(
  stream: ByteStream,
  { read, write }: RateLimits,
): ByteStream {
  if (read === undefined && write === undefined) return stream;
  const closed = new AbortController();
  return {
    alpnProtocol: stream.alpnProtocol,
    async read(into) {
      if (read === undefined) return await stream.read(into);
      const count = await stream.read(into.subarray(0, read.burst));
      if (count !== null) await wait(read.spend(count));
      return count;
    },
    async write(bytes) {
      if (write === undefined) return await stream.write(bytes);
      const piece = bytes.subarray(0, write.burst);
      await wait(write.spend(piece.byteLength));
      return await stream.write(piece);
    },
    closeWrite: () => stream.closeWrite(),
    close() {
      closed.abort(new Error("The connection is closed"));
      stream.close();
    },
  };

  async function wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, closed.signal);
  }
}
