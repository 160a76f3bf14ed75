/*
 * One end of a wire between two threads. Lists of texts pass through shared
 * memory, all others by `postMessage()`, which costs several times as much. They
 * arrive in the order in which they were sent, whichever way they took.
 */
import { setImmediate } from "node:timers";
import { MAX_RECORDS, RingReader, RingWriter } from "./shared_ring.ts";

/** The memory of both directions, as one end sees it. */
export interface WireMemory {
  /** What this end writes. */
  readonly outgoing: SharedArrayBuffer;
  /** What it reads. */
  readonly incoming: SharedArrayBuffer;
}

/** What an end is made of. */
export interface SharedWireOptions {
  readonly memory: WireMemory;
  /** Sends what does not pass through memory. `arrived()` of the other end takes it. */
  readonly post: (
    messages: readonly unknown[],
    transfer: Transferable[],
  ) => void;
  /** Takes what the other end has sent. */
  readonly receive: (messages: readonly unknown[]) => void;
  /**
   * Whether this thread has nothing else to do, and may sleep for a moment: it
   * wakes up several times as fast as from its event loop. Default: never.
   */
  readonly maySleep?: (() => boolean) | undefined;
  /** The other end has broken the memory. */
  readonly onBroken: (reason: unknown) => void;
}

/**
 * How long a thread sleeps after a record, in milliseconds. Its timers may be so
 * much late. A page makes its next request sooner.
 */
const SLEEP = 1;

/** Characters of texts in one record, unless one alone has more. */
const MAX_TOGETHER = 16 * 1024;

/** Lists that are on their way while a record waits for them: more is nonsense. */
const MAX_AHEAD = 65_536;

/** Between the texts of a list. JSON has none. */
const SEPARATOR = "\n";

/** One end. */
export class SharedWire {
  readonly #options: SharedWireOptions;
  readonly #writer: RingWriter;
  readonly #reader: RingReader;
  /** Lists that were posted, and that came. Records say how many came before them. */
  #posted = 0;
  #arrived = 0;
  #isWaiting = false;
  #isClosed = false;

  constructor(options: SharedWireOptions) {
    const { outgoing, incoming } = options.memory;
    this.#options = options;
    this.#writer = new RingWriter(outgoing);
    this.#reader = new RingReader(incoming);
    this.#listen();
  }

  /** Sends a list: through memory if it has only texts, without line feeds, as far as there is room. */
  send(messages: readonly unknown[], transfer: Transferable[]): void {
    const isText = transfer.length === 0 && areTexts(messages);
    const rest = isText ? this.#write(messages) : messages;
    if (rest.length === 0) return;
    this.#options.post(rest, transfer);
    this.#writer.wakeSleeper();
    this.#posted = this.#posted + 1 | 0;
  }

  /** Returns what had no room. */
  #write(texts: readonly string[]): readonly string[] {
    let rest = texts;
    while (rest.length > 0) {
      const count = countTogether(rest);
      const text = count === 1
        ? rest[0] ?? ""
        : rest.slice(0, count).join(SEPARATOR);
      if (!this.#writer.write({ text, mark: this.#posted })) return rest;
      rest = rest.slice(count);
    }
    return rest;
  }

  /** Takes a list that the other end has posted. */
  arrived(messages: readonly unknown[]): void {
    this.#drain();
    this.#arrived = this.#arrived + 1 | 0;
    if (!this.#isClosed) this.#options.receive(messages);
    this.#drain();
    this.#listen();
  }

  /** Nothing arrives any more. */
  close(): void {
    this.#isClosed = true;
    this.#reader.wake();
  }

  readonly #look = (): void => {
    this.#isWaiting = false;
    this.#drain();
    if (this.#options.maySleep === undefined) return this.#listen();
    this.#isWaiting = true;
    // What was made of the records leaves before.
    setImmediate(this.#sleep);
  };

  readonly #sleep = (): void => {
    const { maySleep } = this.#options;
    const isAwake = this.#isClosed || this.#isHeldUp || maySleep?.() !== true;
    if (!isAwake && this.#reader.sleep(SLEEP)) return this.#look();
    this.#isWaiting = false;
    this.#listen();
  };

  /** Waits for a record, unless the next one has to wait for what was posted before it. */
  #listen(): void {
    if (this.#isWaiting || this.#isClosed || this.#isHeldUp) return;
    this.#isWaiting = true;
    // Others have a turn, however fast the other end writes.
    if (!this.#reader.wait(this.#look)) setImmediate(this.#look);
  }

  /** How many lists have to arrive before the next record; `undefined` when there is no record. */
  get #ahead(): number | undefined {
    const mark = this.#reader.nextMark;
    return mark === undefined ? undefined : mark - this.#arrived | 0;
  }

  get #isHeldUp(): boolean {
    const ahead = this.#ahead;
    return ahead !== undefined && ahead !== 0;
  }

  /** Takes the records that are there by now: those that come meanwhile have their own turn. */
  #drain(): void {
    const reader = this.#reader;
    const { end } = reader;
    try {
      // A hostile end may stand where no record ends.
      for (let count = 0; count < MAX_RECORDS; count += 1) {
        if (reader.position === end || this.#isClosed) return;
        const ahead = this.#ahead ?? 0;
        if (ahead < 0 || ahead > MAX_AHEAD) {
          throw new RangeError("A shared ring is broken");
        }
        if (ahead > 0) return;
        const text = reader.next();
        if (text === undefined) return;
        this.#options.receive(text.split(SEPARATOR));
      }
    } catch (thrown) {
      this.#isClosed = true;
      this.#options.onBroken(thrown);
    }
  }
}

function areTexts(messages: readonly unknown[]): messages is readonly string[] {
  for (const message of messages) {
    if (typeof message !== "string") return false;
  }
  return true;
}

/** How many of them make a record: one at least. */
function countTogether(texts: readonly string[]): number {
  let length = 0;
  for (const [at, text] of texts.entries()) {
    length += text.length + SEPARATOR.length;
    if (at > 0 && length > MAX_TOGETHER) return at;
  }
  return texts.length;
}
