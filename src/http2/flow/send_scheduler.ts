/**
 * Streams with content take turns, so that a download never holds up a click.
 * RFC 9113 §5.2 leaves the order to us.
 *
 * The scheduler also holds the connection's send window, which all streams
 * share.
 */
import type { FrameWriter } from "../frames/frame_writer.ts";
import {
  INITIAL_WINDOW,
  MAX_WINDOW,
  MIN_MAX_FRAME_SIZE,
} from "../frames/settings.ts";
import { MAX_DATA_LENGTH } from "../frames/write_buffer.ts";

/** Bytes of one turn while others wait. Four turns fill the buffer of one write. */
const QUANTUM = 16 * 1024;

/**
 * A smaller WINDOW_UPDATE, in bytes, costs more than it brings. Honest peers
 * send one only for content that was short itself.
 */
const MIN_UPDATE = 1024;

/** Waits for its turn to send content. */
export interface ScheduledSender {
  /** Sends at most `SendScheduler.allowance` bytes, once. */
  takeTurn(): void;
}

/** Decides which stream sends. */
export class SendScheduler {
  readonly #writer: FrameWriter;
  #waiting: ScheduledSender[] = [];
  #next = 0;
  #window = INITIAL_WINDOW;
  #writesHeldBack = 0;
  /** Small WINDOW_UPDATEs that our own short frames can have caused. */
  #expectedSmallUpdates = 0;

  /** The longest frame that the peer accepts. */
  maxFrameSize: number = MIN_MAX_FRAME_SIZE;

  /** Called when content was sent. */
  onContentSent: (() => void) | undefined;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** Whether a sender waits for its turn: then others have to queue. */
  get isContended(): boolean {
    return this.#next < this.#waiting.length;
  }

  /** Bytes of content that may be sent now. 0 when the window is used up or the socket is behind. */
  get allowance(): number {
    if (this.#writer.output.isBehind) return 0;
    const most = this.isContended ? QUANTUM : MAX_DATA_LENGTH;
    return Math.min(most, this.#window, this.maxFrameSize);
  }

  /** Writes that found a window of the peer used up. */
  get writesHeldBack(): number {
    return this.#writesHeldBack;
  }

  /** Counts a write that found the window of its stream used up. */
  countHeldBack(): void {
    this.#writesHeldBack++;
  }

  /** Subtracts sent bytes from the connection's window. `wanted` is how many there were to send. */
  spend(length: number, wanted: number): void {
    this.#window -= length;
    this.onContentSent?.();
    // A frame that is short because of the window does not count. Otherwise a
    // peer could take its content in crumbs.
    if (length < MIN_UPDATE && length < wanted) return;
    // One for the stream and one for the connection.
    this.#expectedSmallUpdates += 2;
  }

  /** Whether a WINDOW_UPDATE of this size is worth its cost. */
  isUsefulUpdate(increment: number): boolean {
    if (increment >= MIN_UPDATE) return true;
    if (this.#expectedSmallUpdates === 0) return false;
    this.#expectedSmallUpdates--;
    return true;
  }

  /** Increases the connection's window; `false` when it exceeds the maximum (§6.9.1). */
  increaseWindow(increment: number): boolean {
    this.#window += increment;
    if (this.#window > MAX_WINDOW) return false;
    this.giveTurns();
    return true;
  }

  /** Puts `sender` at the end of the queue, for one turn. */
  enqueue(sender: ScheduledSender): void {
    if (this.#window <= 0) this.#writesHeldBack++;
    this.#waiting.push(sender);
  }

  /**
   * Takes `sender` out of the queue. Otherwise a peer could make it grow: by
   * resetting streams while its window is used up.
   */
  remove(sender: ScheduledSender): void {
    const at = this.#waiting.indexOf(sender, this.#next);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Lets waiting senders send while there is space. */
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
