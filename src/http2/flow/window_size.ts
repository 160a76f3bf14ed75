/**
 * The size of a receive window: small at first, larger where it holds the
 * sender back.
 *
 * A distant sender is held back when it uses up the window in less than a round
 * trip. The window doubles until that ends. The decision needs the rate *and*
 * the round trip: a slow link is never filled with data that only makes others
 * wait.
 *
 * A nearby sender is held back by the switching between the two programs. Its
 * stream gets a window with which neither waits, as long as no other stream of
 * this program has content. Beside others it keeps the first size, because they
 * wait while its content is passed on.
 */

/** With a shorter round trip, in milliseconds, a megabyte of window is a gigabyte a second: the machines are the limit. */
const MIN_ROUND_TRIP = 1;

/** Bytes a millisecond that only a nearby sender can keep up. */
const NEAR_RATE = 64 * 1024;

/** Halves of the window that must go at that rate in a row. After a pause the first two may have waited in the socket. */
const NEAR_HALVES = 3;

/** Largest window of a nearby sender, in bytes: with more it gets no faster. */
const ALONE_SIZE = 2 * 1024 * 1024;

/** Milliseconds without content of others until a stream counts as alone. People click again within that. */
const ALONE_AFTER = 100;

/** Which of the windows that share a program was used last. */
export interface Contention {
  /** How many windows there have been. */
  windows: number;
  /** The number of the window that was used last. */
  lastUser: number;
  /** How often the last user changed. */
  changes: number;
}

/** What the windows of one kind share, and what they need to grow. */
export interface WindowGrowth {
  /** Largest size in bytes. */
  maxSize: number;
  /** How many bytes all windows together may still grow by. */
  left: number;
  readonly contention: Contention;
  /** The time in milliseconds. */
  now(): number;
  /** The round trip in milliseconds without queueing, or `undefined` before it is known. */
  roundTrip(): number | undefined;
}

/** Contention of windows that nothing has used yet. */
export function newContention(): Contention {
  return { windows: 0, lastUser: 0, changes: 0 };
}

/** The size of one window. */
export class WindowSize {
  readonly #growth: WindowGrowth;
  readonly #firstSize: number;
  readonly #number: number;
  #bytes: number;
  /** How much of the size is for a nearby sender. */
  #nearBytes = 0;
  #nearHalves = 0;
  #lastResizedAt: number;
  #lastChanges: number | undefined;
  #othersUntil = -Infinity;
  #isReleased = false;

  /** @param bytes Size at the start. */
  constructor(bytes: number, growth: WindowGrowth) {
    this.#growth = growth;
    this.#firstSize = bytes;
    this.#number = ++growth.contention.windows;
    this.#bytes = bytes;
    this.#lastResizedAt = growth.now();
  }

  /** Current size. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Notes that data came for this window. */
  onData(): void {
    const { contention } = this.#growth;
    if (contention.lastUser === this.#number) return;
    contention.lastUser = this.#number;
    contention.changes++;
  }

  /**
   * Changes the size, after `used` bytes of the window have gone.
   *
   * @returns By how much; never less than `-used`.
   */
  resize(used: number): number {
    if (this.#isReleased) return 0;
    const now = this.#growth.now();
    const elapsed = now - this.#lastResizedAt;
    this.#lastResizedAt = now;
    return this.#resizeForNearPeer(used, elapsed, now) ||
      this.#resizeForFarPeer(used, elapsed);
  }

  /**
   * Lets other windows grow by as much as this one has grown. Nothing more
   * comes for it, but some of its bytes may be unread.
   */
  release(): void {
    this.#isReleased = true;
    this.#change(this.#firstSize - this.#bytes);
  }

  #resizeForNearPeer(used: number, elapsed: number, now: number): number {
    const limit = this.#isAlone(now) ? ALONE_SIZE : this.#firstSize;
    const tooMuch = Math.min(this.#nearBytes, this.#bytes - limit, used);
    const isFast = used >= elapsed * NEAR_RATE;
    this.#nearHalves = isFast ? this.#nearHalves + 1 : 0;
    let by = 0;
    if (tooMuch > 0) by = this.#change(-tooMuch);
    else if (this.#nearHalves >= NEAR_HALVES) by = this.#double(limit);
    this.#nearBytes += by;
    return by;
  }

  #resizeForFarPeer(used: number, elapsed: number): number {
    const roundTrip = this.#growth.roundTrip() ?? 0;
    if (roundTrip < MIN_ROUND_TRIP) return 0;
    // A sender that the window holds back sends one window each round trip; half is close enough.
    const eachRoundTrip = used / elapsed * roundTrip;
    return eachRoundTrip > this.#bytes / 2 ? this.#double() : 0;
  }

  #isAlone(now: number): boolean {
    const { changes } = this.#growth.contention;
    if (changes !== (this.#lastChanges ?? changes)) {
      this.#othersUntil = now + ALONE_AFTER;
    }
    this.#lastChanges = changes;
    return now >= this.#othersUntil;
  }

  #double(limit = Infinity): number {
    const { maxSize, left } = this.#growth;
    const size = Math.min(2 * this.#bytes, limit, maxSize);
    return this.#change(Math.min(Math.max(0, size - this.#bytes), left));
  }

  #change(by: number): number {
    this.#bytes += by;
    this.#growth.left -= by;
    return by;
  }
}
