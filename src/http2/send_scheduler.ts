/**
 * Who sends next: streams that have content take turns, so that a download
 * never starves a click (RFC 9113 §5.2 leaves the order to us).
 *
 * It also holds the connection's send window, which the streams share.
 *
 * @module
 */
import { type FrameWriter, MAX_DATA_LENGTH } from "./frame_writer.ts";
import { INITIAL_WINDOW, MAX_WINDOW, MIN_MAX_FRAME_SIZE } from "./settings.ts";

/** Bytes of one turn while others wait. Four turns fill the buffer that one write takes. */
const QUANTUM = 16 * 1024;

/** One who waits for its turn to send content. */
export interface Sender {
  /** Sends what `SendScheduler.allowance` allows, once. */
  takeTurn(): void;
}

/** Gives streams their turns. */
export class SendScheduler {
  readonly #writer: FrameWriter;
  #waiting: Sender[] = [];
  #next = 0;
  #window = INITIAL_WINDOW;

  /** The longest frame the peer takes. */
  maxFrameSize: number = MIN_MAX_FRAME_SIZE;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** Whether somebody waits for a turn: then one has to queue. */
  get isContended(): boolean {
    return this.#next < this.#waiting.length;
  }

  /** Bytes of content that may be sent now; 0 when the window is used up or the socket is behind. */
  get allowance(): number {
    if (this.#writer.isBehind) return 0;
    const most = this.isContended ? QUANTUM : MAX_DATA_LENGTH;
    return Math.min(most, this.#window, this.maxFrameSize);
  }

  /** Takes bytes that are being sent off the connection's window. */
  spend(length: number): void {
    this.#window -= length;
  }

  /** Raises the connection's window; `false` when that is more than can be (§6.9.1). */
  widen(increment: number): boolean {
    this.#window += increment;
    if (this.#window > MAX_WINDOW) return false;
    this.giveTurns();
    return true;
  }

  /** Puts `sender` at the end of the queue; it gets one turn. */
  enqueue(sender: Sender): void {
    this.#waiting.push(sender);
  }

  /** Lets those who wait send as long as there is room. */
  giveTurns(): void {
    while (this.isContended && this.#window > 0 && !this.#writer.isBehind) {
      const sender = this.#waiting[this.#next++];
      if (this.#next === this.#waiting.length) {
        this.#waiting = [];
        this.#next = 0;
      }
      sender?.takeTurn();
    }
    if (this.#next > 1024) this.#forgetServed();
  }

  #forgetServed(): void {
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}
