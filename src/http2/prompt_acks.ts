/**
 * Makes the peer's acknowledgements come at once where Nagle's algorithm is on.
 *
 * With it the system sends a small segment only when everything before is
 * acknowledged (RFC 9293 §3.7.4), and a peer that has nothing to say delays its
 * acknowledgement, by 40 ms and more on Linux. Requests that follow each other
 * closely wait for that. A peer that has something to say acknowledges with it:
 * so PING goes along with a small batch, and until something comes back the
 * next small batch gathers here instead of in the system, which would send it
 * without a PING.
 *
 * @module
 */
import type { SmallBatches } from "./batches.ts";
import type { Clock } from "./clock.ts";
import { RateLimiter } from "./conduct.ts";
import type { FrameWriter } from "./frame_writer.ts";
import type { Pings } from "./pings.ts";

/** How many PINGs: well below what peers put up with (our own `idleFrames` is 10,000, then 1000 a second). */
const RATE = { burst: 500, perSecond: 400 } as const;

/** What asking for acknowledgements needs. */
export interface PromptAcksOptions {
  readonly pings: Pings;
  readonly writer: FrameWriter;
  readonly clock: Clock;
}

/** Decides which small batches ask for an answer, and which wait for one. */
export class PromptAcks implements SmallBatches {
  readonly #pings: Pings;
  readonly #writer: FrameWriter;
  readonly #rate: RateLimiter;
  /** Whether anything came since the last small batch: where much comes, acknowledgements come with it. */
  #hasHeard = false;

  constructor({ pings, writer, clock }: PromptAcksOptions) {
    this.#pings = pings;
    this.#writer = writer;
    this.#rate = new RateLimiter(RATE, clock);
  }

  /** Whether the next small batch should wait: the system would keep it all the same. */
  get holds(): boolean {
    return this.#pings.isWaiting && !this.#hasHeard;
  }

  /** A small batch is about to be sent. */
  beforeSmallBatch(): void {
    this.#hasHeard = false;
    if (!this.#pings.isWaiting && this.#rate.take()) this.#pings.ask();
  }

  /** Something came. */
  heard(): void {
    this.#hasHeard = true;
    this.#writer.batches.release();
  }
}
