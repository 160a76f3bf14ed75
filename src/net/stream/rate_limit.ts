/**
 * Keeps a flow of bytes to a rate, by a bucket of tokens that all connections
 * share.
 *
 * @module
 */
import { sleep } from "../../async/timer.ts";
import type { ByteStream } from "./byte_stream.ts";

/** Bytes that may pass at once: below a packet, every read would wait for its own timer. */
const MIN_BURST = 1_460;
/** A bucket holds what flows in this time, so that a pause does not end in a flood, in seconds. */
const BURST_SECONDS = 0.1;

/** A bucket that fills by a rate. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /**
   * Makes a full bucket.
   *
   * @param bytesPerSecond Above 0.
   * @param now Milliseconds of a clock that never goes back.
   */
  constructor(
    bytesPerSecond: number,
    now: () => number = () => performance.now(),
  ) {
    this.#rate = bytesPerSecond / 1_000;
    this.#burst = Math.max(MIN_BURST, bytesPerSecond * BURST_SECONDS);
    this.#now = now;
    this.#tokens = this.#burst;
    this.#filledAt = now();
  }

  /** How many bytes may pass at once at the most. */
  get burst(): number {
    return Math.floor(this.#burst);
  }

  /**
   * Takes what has passed or is about to: the bucket may go below empty, and
   * whoever comes next waits for it.
   *
   * @returns How long to wait for the debt to be paid, in milliseconds.
   */
  take(bytes: number): number {
    const now = this.#now();
    const filled = this.#tokens + (now - this.#filledAt) * this.#rate;
    this.#tokens = Math.min(this.#burst, filled) - bytes;
    this.#filledAt = now;
    return Math.max(0, -this.#tokens / this.#rate);
  }
}

/** The buckets that the two directions of a stream share with others. */
export interface RateLimits {
  /** For what is read; no limit unless given. */
  readonly read?: TokenBucket | undefined;
  /** For what is written; no limit unless given. */
  readonly write?: TokenBucket | undefined;
}

/** `stream`, kept to `limits`; itself when there are none. */
export function limitRate(
  stream: ByteStream,
  { read, write }: RateLimits,
): ByteStream {
  if (read === undefined && write === undefined) return stream;
  const closed = new AbortController();
  return {
    async read(into) {
      if (read === undefined) return await stream.read(into);
      const count = await stream.read(into.subarray(0, read.burst));
      if (count !== null) await wait(read.take(count));
      return count;
    },
    async write(bytes) {
      if (write === undefined) return await stream.write(bytes);
      const piece = bytes.subarray(0, write.burst);
      await wait(write.take(piece.byteLength));
      return await stream.write(piece);
    },
    closeWrite: () => stream.closeWrite(),
    close() {
      closed.abort(new Error("Cannot go on: the connection is closed"));
      stream.close();
    },
  };

  async function wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, closed.signal);
  }
}
