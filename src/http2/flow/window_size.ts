/**
 * How large a receive window is: small at first, larger where that holds the
 * sender back.
 *
 * A sender far away is held back by a window that is used up faster than a round
 * trip: it is doubled until it is not. That needs the rate *and* the round trip,
 * so that a slow link is never filled with data that only makes others wait.
 *
 * A sender near by is held back by the contention that two programs take on their
 * machines. There a stream gets a window with which neither waits for the other
 * as long as it is alone in this program; beside others it has to be content
 * with the first size, because theirs waits while its content is passed on.
 *
 * @module
 */

/** On a shorter way, in milliseconds, a megabyte of window is a gigabyte a second: the machines are the limit. */
const MIN_ROUND_TRIP = 1;

/** Bytes a millisecond that only a sender near by can keep up. */
const NEAR_RATE = 64 * 1024;

/** How many halves of the window have to go at that rate in a row: after a pause the first two may have been lying in the socket. */
const NEAR_HALVES = 3;

/** Bytes for a sender near by that is alone: with more it gets no faster. */
const ALONE_SIZE = 2 * 1024 * 1024;

/** Milliseconds without content of others after which a stream is alone: people click again within that. */
const ALONE_AFTER = 100;

/** Who came last, among the windows that share a program's time. */
export interface Contention {
  /** How many windows there have been. */
  windows: number;
  /** The number of the one that was used last. */
  lastUser: number;
  /** How often that changed. */
  changes: number;
}

/** What windows of one kind have in common, and what they have to know to grow. */
export interface WindowGrowth {
  /** Largest size in bytes. */
  readonly maxSize: number;
  /** How many bytes all windows together may still grow by. */
  left: number;
  readonly contention: Contention;
  /** The time in milliseconds. */
  now(): number;
  /** The round trip in milliseconds without queueing, or `undefined` while unknown. */
  roundTrip(): number | undefined;
}

/** Turns that nobody has taken yet. */
export function newContention(): Contention {
  return { windows: 0, lastUser: 0, changes: 0 };
}

/** The size of one window. */
export class WindowSize {
  readonly #growth: WindowGrowth;
  readonly #firstSize: number;
  readonly #number: number;
  #bytes: number;
  /** How much of it is for a sender near by. */
  #nearBytes = 0;
  #nearHalves = 0;
  #lastResizedAt: number;
  #lastChanges: number | undefined;
  #othersUntil = -Infinity;
  #isReleased = false;

  /** @param bytes Its size at the start. */
  constructor(bytes: number, growth: WindowGrowth) {
    this.#growth = growth;
    this.#firstSize = bytes;
    this.#number = ++growth.contention.windows;
    this.#bytes = bytes;
    this.#lastResizedAt = growth.now();
  }

  /** Present size. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Notes that something came for this window. */
  onData(): void {
    const { contention } = this.#growth;
    if (contention.lastUser === this.#number) return;
    contention.lastUser = this.#number;
    contention.changes++;
  }

  /**
   * Makes it larger or smaller, now that `used` bytes of it have gone since the
   * last time.
   *
   * @returns By how much; it never becomes smaller by more than `used`.
   */
  resize(used: number): number {
    if (this.#isReleased) return 0;
    const now = this.#growth.now();
    const elapsed = now - this.#lastResizedAt;
    this.#lastResizedAt = now;
    return this.#resizeForNearPeer(used, elapsed, now) ||
      this.#resizeForFarPeer(used, elapsed);
  }

  /** Lets other windows grow by what this one has grown: nothing comes for it any more, though some may still be read. */
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
    // A sender that the window holds back sends a whole one each round trip; half is near enough.
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
