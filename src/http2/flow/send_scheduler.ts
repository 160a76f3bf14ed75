/**
 * Who sends next: streams that have content take turns, so that a download
 * never starves a click (RFC 9113 §5.2 leaves the order to us).
 *
 * It also holds the connection's send window, which the streams share.
 *
 * @module
 */
import { MAX_DATA_LENGTH } from "../frames/write_buffer.ts";
import type { FrameWriter } from "../frames/frame_writer.ts";
import {
  INITIAL_WINDOW,
  MAX_WINDOW,
  MIN_MAX_FRAME_SIZE,
} from "../frames/settings.ts";

/** Bytes of one turn while others wait. Four turns fill the buffer that one write takes. */
const QUANTUM = 16 * 1024;

/**
 * A WINDOW_UPDATE for less, in bytes, costs more than it gives: peers that mean
 * well send it only for content that was short itself.
 */
const MIN_UPDATE = 1024;

/** One who waits for its turn to send content. */
export interface ScheduledSender {
  /** Sends what `SendScheduler.allowance` allows, once. */
  takeTurn(): void;
}

/** Gives streams their turns. */
export class SendScheduler {
  readonly #writer: FrameWriter;
  #waiting: ScheduledSender[] = [];
  #next = 0;
  #window = INITIAL_WINDOW;
  #writesHeldBack = 0;
  /** Short WINDOW_UPDATEs that the content we have sent explains. */
  #expectedSmallUpdates = 0;

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
    if (this.#writer.output.isBehind) return 0;
    const most = this.isContended ? QUANTUM : MAX_DATA_LENGTH;
    return Math.min(most, this.#window, this.maxFrameSize);
  }

  /** Writes that found the peer's windows used up. */
  get writesHeldBack(): number {
    return this.#writesHeldBack;
  }

  /** Counts a write that found the window of its stream used up. */
  countHeldBack(): void {
    this.#writesHeldBack++;
  }

  /** Takes bytes that are being sent off the connection's window; `wanted` is how many there were to send. */
  spend(length: number, wanted: number): void {
    this.#window -= length;
    // A frame that is short because the window is explains nothing: so a peer would have its content in crumbs.
    if (length < MIN_UPDATE && length < wanted) return;
    // One for the stream and one for the connection.
    this.#expectedSmallUpdates += 2;
  }

  /** Whether a WINDOW_UPDATE of this size makes sense. */
  isUsefulUpdate(increment: number): boolean {
    if (increment >= MIN_UPDATE) return true;
    if (this.#expectedSmallUpdates === 0) return false;
    this.#expectedSmallUpdates--;
    return true;
  }

  /** Raises the connection's window; `false` when that is more than can be (§6.9.1). */
  increaseWindow(increment: number): boolean {
    this.#window += increment;
    if (this.#window > MAX_WINDOW) return false;
    this.giveTurns();
    return true;
  }

  /** Puts `sender` at the end of the queue; it gets one turn. */
  enqueue(sender: ScheduledSender): void {
    if (this.#window <= 0) this.#writesHeldBack++;
    this.#waiting.push(sender);
  }

  /** Takes `sender` out of the queue: a peer that resets streams while its window is used up would make it grow. */
  remove(sender: ScheduledSender): void {
    const at = this.#waiting.indexOf(sender, this.#next);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Lets those who wait send as long as there is room. */
  giveTurns(): void {
    while (
      this.isContended && this.#window > 0 && !this.#writer.output.isBehind
    ) {
      const sender = this.#waiting[this.#next++];
      if (this.#next === this.#waiting.length) {
        this.#waiting = [];
        this.#next = 0;
      }
      sender?.takeTurn();
    }
    if (this.#next > 1024) this.#dropServed();
  }

  #dropServed(): void {
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}
