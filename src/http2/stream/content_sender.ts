import type { ScheduledSender, SendScheduler } from "../flow/send_scheduler.ts";
import type { FrameWriter } from "../frames/frame_writer.ts";
import { MAX_WINDOW } from "../frames/settings.ts";

interface PendingWrite {
  readonly bytes: Uint8Array;
  resolve(taken: number): void;
  reject(error: unknown): void;
}

/** Options of the sending half of a stream. */
export interface ContentSenderOptions {
  readonly streamId: number;
  /** What the peer accepts before a WINDOW_UPDATE, in bytes. */
  readonly window: number;
  readonly writer: FrameWriter;
  readonly scheduler: SendScheduler;
}

const NOTHING = new Uint8Array(0);

/**
 * The sending half of a stream. Content waits here for the stream's window, the
 * connection's window, the socket, and its turn.
 */
export class ContentSender implements ScheduledSender {
  readonly #streamId: number;
  readonly #writer: FrameWriter;
  readonly #scheduler: SendScheduler;
  #window: number;
  #pending: PendingWrite | undefined;
  #isQueued = false;
  /** Position of the last frame; valid while `WriteBuffer.batchNumber` is `#lastBatch`. */
  #lastAt = 0;
  #lastBatch = -1;

  constructor({ streamId, window, writer, scheduler }: ContentSenderOptions) {
    this.#streamId = streamId;
    this.#window = window;
    this.#writer = writer;
    this.#scheduler = scheduler;
  }

  /** Whether a write waits. */
  get isWaiting(): boolean {
    return this.#pending !== undefined;
  }

  /** Sends some of `bytes`, now or later; returns the number of bytes taken. */
  write(bytes: Uint8Array): Promise<number> {
    if (bytes.length === 0) return Promise.resolve(0);
    const taken = this.#scheduler.isContended ? 0 : this.#send(bytes);
    if (taken > 0) return Promise.resolve(taken);
    if (this.#window <= 0) this.#scheduler.countHeldBack();
    return new Promise((resolve, reject) => {
      this.#pending = { bytes, resolve, reject };
      this.#queue();
    });
  }

  /**
   * Ends the content with END_STREAM. It is set on the last frame while that
   * waits for the socket, which saves a frame; otherwise it is sent alone.
   */
  end(): void {
    if (this.#lastBatch === this.#writer.output.batchNumber) {
      this.#writer.endData(this.#lastAt);
    } else this.#writer.data(this.#streamId, NOTHING, { endStream: true });
  }

  /** Changes the window; `false` when it exceeds the maximum (§6.9.1). */
  increaseWindow(increment: number): boolean {
    this.#window += increment;
    if (this.#window > MAX_WINDOW) return false;
    if (this.#pending !== undefined) {
      this.#queue();
      this.#scheduler.giveTurns();
    }
    return true;
  }

  /** Rejects the waiting write. */
  fail(error: unknown): void {
    this.#pending?.reject(error);
    this.#pending = undefined;
    if (this.#isQueued) this.#scheduler.remove(this);
  }

  takeTurn(): void {
    this.#isQueued = false;
    const pending = this.#pending;
    if (pending === undefined) return;
    const taken = this.#send(pending.bytes);
    if (taken === 0) return this.#queue();
    this.#pending = undefined;
    pending.resolve(taken);
  }

  /** Waits for a turn, or first for the window if that is used up. */
  #queue(): void {
    if (this.#isQueued || this.#window <= 0) return;
    this.#isQueued = true;
    this.#scheduler.enqueue(this);
  }

  #send(bytes: Uint8Array): number {
    const length = Math.min(
      bytes.length,
      this.#window,
      this.#scheduler.allowance,
    );
    if (length <= 0) return 0;
    this.#window -= length;
    this.#scheduler.spend(length, bytes.length);
    this.#lastAt = this.#writer.data(this.#streamId, bytes, { length });
    this.#lastBatch = this.#writer.output.batchNumber;
    return length;
  }
}
