/**
 * One direction of a wire: what goes in comes out in order, later.
 *
 * @module
 */

/** What waits by default; beyond it the sender is held back, as a long wire would. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** How a wire is. */
export interface WireOptions {
  /** Milliseconds that bytes take. Default 0. */
  readonly delay?: number;
  /** Bytes per second. Default: no limit. */
  readonly rate?: number;
  /** Bytes that may wait. */
  readonly queue?: number;
}

/** On a slow wire, bytes of several connections take turns in pieces of this size. */
const PIECE = 4 * 1024;

interface Waiting {
  readonly due: number;
  readonly bytes: number;
  readonly deliver: () => void;
  readonly sender: object | undefined;
}

/** A queue whose entries come out when they are due. */
export class Wire {
  readonly #delay: number;
  readonly #rate: number;
  readonly #maxBytes: number;
  readonly #senders = new Map<object, () => void>();
  #queue: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #queuedBytes = 0;
  #lastDue = 0;

  constructor({ delay = 0, rate = Infinity, queue }: WireOptions) {
    this.#delay = delay;
    this.#rate = rate;
    this.#maxBytes = queue ?? MAX_QUEUED_BYTES;
  }

  /** How many bytes pass at once. */
  get piece(): number {
    return this.#rate === Infinity ? Infinity : PIECE;
  }

  /** Whether senders have to wait. */
  get isFull(): boolean {
    return this.#queuedBytes > this.#maxBytes;
  }

  /** Calls `action` each time after bytes of any sender were delivered. */
  onRoom(sender: object, action: () => void): void {
    this.#senders.set(sender, action);
  }

  /** Calls `deliver` when `bytes` have passed. */
  push(bytes: number, deliver: () => void, sender?: object): void {
    if (this.#delay === 0 && this.#rate === Infinity) return deliver();
    const now = performance.now();
    const passing = bytes * 1000 / this.#rate;
    const due = Math.max(now + this.#delay, this.#lastDue) + passing;
    this.#lastDue = due;
    this.#queue.push({ due, bytes, deliver, sender });
    this.#queuedBytes += bytes;
    this.#schedule();
  }

  /** Drops what waits of a sender. */
  forget(sender: object): void {
    this.#senders.delete(sender);
    this.#queue = this.#queue.filter((each) => {
      if (each.sender !== sender) return true;
      this.#queuedBytes -= each.bytes;
      return false;
    });
    if (this.#queue.length === 0) this.clear();
  }

  /** Drops everything. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #schedule(): void {
    const [next] = this.#queue;
    if (next === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#deliver();
      this.#schedule();
    }, Math.max(0, next.due - performance.now()));
  }

  #deliver(): void {
    const now = performance.now();
    for (
      let [next] = this.#queue;
      next !== undefined && next.due <= now;
      [next] = this.#queue
    ) {
      this.#queue.shift();
      this.#queuedBytes -= next.bytes;
      next.deliver();
    }
    for (const action of [...this.#senders.values()]) action();
  }
}
