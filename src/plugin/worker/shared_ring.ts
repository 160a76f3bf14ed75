/*
 * Text that passes from one thread to another through shared memory, in records.
 * One thread writes, another one reads; neither ever blocks. Both may be hostile:
 * what the other one has written is checked, and copied before it is used.
 */

// Taken before somebody else's code can replace them.
const { load, notify, store, wait, waitAsync } = Atomics;

/** Bytes of records that wait: a hundred requests. What does not fit goes another way. */
const CAPACITY = 128 * 1024;
/** Bytes of one record: what is larger is rare, and has another way. */
const MAX_RECORD = CAPACITY / 4;

/** Numbers of 32 bits: how many bytes were written and read, each on a cache line of its own. */
const WRITTEN = 0;
const READ = 16;
/** Whether the reader sleeps: 1 or 0. */
const ASLEEP = 17;
/** Bytes before the records. */
const START = 128;
/** Bytes before the text of a record: its length, and its mark. */
const HEADER = 8;
/** Records that there can be at once. */
export const MAX_RECORDS: number = CAPACITY / HEADER;

/** Records begin at a multiple of this. */
const ALIGNMENT = 8;

/** Makes the memory of a ring. */
export function createRingMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(START + CAPACITY);
}

/** A record. */
export interface RingRecord {
  readonly text: string;
  /** A number that the writer has given it. */
  readonly mark: number;
}

/** What both ends have. */
class RingEnd {
  protected readonly numbers: Int32Array;
  protected readonly bytes: Uint8Array;
  protected readonly scratch: Uint8Array<ArrayBuffer> = new Uint8Array(
    MAX_RECORD,
  );

  constructor(memory: SharedArrayBuffer) {
    this.numbers = new Int32Array(memory);
    this.bytes = new Uint8Array(memory, START);
  }
}

/** The end that writes. */
export class RingWriter extends RingEnd {
  readonly #encoder = new TextEncoder();
  #written = 0;

  /** Writes a record, and wakes the reader up. Returns whether there was room. */
  write({ text, mark }: RingRecord): boolean {
    const { numbers, scratch } = this;
    if (text.length > MAX_RECORD) return false;
    const { read, written: length } = this.#encoder.encodeInto(text, scratch);
    if (read < text.length) return false;
    const waiting = this.#written - load(numbers, READ) | 0;
    const isFree = waiting >= 0 && waiting + sizeOf(length) <= CAPACITY;
    if (!isFree) return false;
    const at = placeOf(this.#written);
    store(numbers, START + at >> 2, length);
    store(numbers, (START + at >> 2) + 1, mark);
    this.#put(scratch.subarray(0, length), placeOf(at + HEADER));
    this.#written = this.#written + sizeOf(length) | 0;
    store(numbers, WRITTEN, this.#written);
    notify(numbers, WRITTEN);
    return true;
  }

  /** Wakes a reader up that sleeps, so that it looks for something else. */
  wakeSleeper(): void {
    if (load(this.numbers, ASLEEP) !== 0) notify(this.numbers, WRITTEN);
  }

  #put(text: Uint8Array, at: number): void {
    const untilEnd = Math.min(text.length, CAPACITY - at);
    this.bytes.set(text.subarray(0, untilEnd), at);
    if (untilEnd < text.length) this.bytes.set(text.subarray(untilEnd), 0);
  }
}

/** The end that reads. */
export class RingReader extends RingEnd {
  readonly #decoder = new TextDecoder();
  #read = 0;

  /** Behind the last byte that was read. */
  get position(): number {
    return this.#read;
  }

  /** Behind the last byte that is written by now. */
  get end(): number {
    return load(this.numbers, WRITTEN);
  }

  /** The mark of the next record; it stays. `undefined` when there is none. */
  get nextMark(): number | undefined {
    if (load(this.numbers, WRITTEN) === this.#read) return undefined;
    return load(this.numbers, (START + placeOf(this.#read) >> 2) + 1);
  }

  /**
   * Takes the next record.
   *
   * @throws {RangeError} When the other end has broken the memory.
   */
  next(): string | undefined {
    const { numbers } = this;
    const waiting = load(numbers, WRITTEN) - this.#read | 0;
    if (waiting === 0) return undefined;
    const at = placeOf(this.#read);
    const length = load(numbers, START + at >> 2);
    const isWhole = length >= 0 && length <= MAX_RECORD &&
      waiting <= CAPACITY && sizeOf(length) <= waiting;
    if (!isWhole) throw new RangeError("A shared ring is broken");
    const text = this.#decoder.decode(this.#copy(placeOf(at + HEADER), length));
    this.#read = this.#read + sizeOf(length) | 0;
    store(numbers, READ, this.#read);
    return text;
  }

  /** Calls `action` once, when there is a record or `wake()` is called; in a turn of its own. Returns `false` when there is one already. */
  wait(action: () => void): boolean {
    const waiting = waitAsync(this.numbers, WRITTEN, this.#read);
    if (!waiting.async) return false;
    void waiting.value.then(action);
    return true;
  }

  /** Blocks its thread for `ms` milliseconds at most. Returns whether there is a record. */
  sleep(ms: number): boolean {
    const { numbers } = this;
    store(numbers, ASLEEP, 1);
    wait(numbers, WRITTEN, this.#read, ms);
    store(numbers, ASLEEP, 0);
    return load(numbers, WRITTEN) !== this.#read;
  }

  /** Ends a `wait()`. */
  wake(): void {
    notify(this.numbers, WRITTEN);
  }

  #copy(at: number, length: number): Uint8Array {
    const { bytes, scratch } = this;
    const untilEnd = Math.min(length, CAPACITY - at);
    scratch.set(bytes.subarray(at, at + untilEnd));
    if (untilEnd < length) {
      scratch.set(bytes.subarray(0, length - untilEnd), untilEnd);
    }
    return scratch.subarray(0, length);
  }
}

/** Bytes of a record with a text of so many. */
function sizeOf(length: number): number {
  return HEADER + length + ALIGNMENT - 1 & -ALIGNMENT;
}

/** Where the byte with this number is. */
function placeOf(count: number): number {
  return count & CAPACITY - 1;
}
