/**
 * Writes lines without making anyone wait: they queue in memory while the file
 * is busy. A file has whole lines only, also when the disk is full.
 */

/** What lines are written to. */
export interface LogTarget {
  /** As `Deno.FsFile.write`: takes some of `bytes`, says how many. */
  write(bytes: Uint8Array): Promise<number>;
  /**
   * Takes back the last `count` bytes, which are the beginning of a line whose
   * rest could not be written. A target without it gets the rest later.
   */
  takeBack?: ((count: number) => Promise<void>) | undefined;
  /** Whether its path still leads to it: a file may have been renamed or removed. Default: it always does. */
  isInPlace?: (() => Promise<boolean>) | undefined;
  close(): void;
}

/** Options of {@linkcode LogWriter}. */
export interface LogWriterOptions {
  /** Is called when writing begins to fail, once until it has worked again for a while. */
  readonly onFailure?: (cause: unknown) => void;
  /** Default: the machine's. */
  readonly clock?: LogClock;
}

/** Gives milliseconds, and calls back after so many unless disposed before. */
export interface LogClock {
  now(): number;
  timer(ms: number, action: () => void): Disposable;
}

const SYSTEM_CLOCK: LogClock = {
  now() {
    return performance.now();
  },
  timer(ms, action) {
    const id = setTimeout(action, ms);
    return { [Symbol.dispose]: () => clearTimeout(id) };
  },
};

/**
 * Characters that may queue. A reader of standard output that has stopped must
 * not fill the memory nor hold up the traffic: beyond this, lines are dropped
 * and counted.
 */
const MAX_QUEUED = 8 * 1024 * 1024;
/** What one write takes at most, in bytes: what a pipe of Linux holds. Larger ones would not show that a slow reader reads. */
const MAX_WRITE = 64 * 1024;
const LINE_BREAK = 0x0a;
/** How long disposing waits for a reader that takes nothing, in milliseconds. */
const PATIENCE = 1_000;
/**
 * How long no write may have failed until writing works again, in milliseconds.
 * Short lines fit where long ones do not: on a disk that is nearly full some
 * writes succeed.
 */
const QUIET = 5_000;
/** How often `patience` may pass at the end, if the reader takes a little each time. */
const MAX_WAITS = 5;
const NOTHING = new Uint8Array();

/** The queue in front of a target. */
export class LogWriter implements AsyncDisposable {
  readonly #open: () => LogTarget;
  readonly #onDropped: (count: number) => string;
  readonly #onFailure: ((cause: unknown) => void) | undefined;
  readonly #clock: LogClock;
  readonly #encoder = new TextEncoder();
  #target: LogTarget;
  #queue: string[] = [];
  #queued = 0;
  /** Missing lines that no line has told of yet. */
  #untold = 0;
  #dropped = 0;
  /** The rest of a line that is half written. */
  #rest: Uint8Array = NOTHING;
  /** Bytes that the target has taken. */
  #taken = 0;
  #failure: unknown;
  #failedAt = -Infinity;
  #mustReopen = false;
  #idle: Promise<void> = Promise.resolve();
  #isBusy = false;
  #isClosed = false;

  /**
   * @param open Opens the target, now and again at every `reopen()`.
   * @param onDropped The line that says how many lines are missing.
   */
  constructor(
    open: () => LogTarget,
    onDropped: (count: number) => string,
    { onFailure, clock = SYSTEM_CLOCK }: LogWriterOptions = {},
  ) {
    this.#open = open;
    this.#onDropped = onDropped;
    this.#onFailure = onFailure;
    this.#clock = clock;
    this.#target = open();
  }

  /** How many lines are missing in the target, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why writing fails; `undefined` when it works. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Queues a line, which ends in a line break and has none before. */
  write(line: string): void {
    if (this.#queued + line.length > MAX_QUEUED) return this.#drop(1);
    this.#queue.push(line);
    this.#queued += line.length;
    this.#wake();
  }

  /**
   * Reopens the target before another line is written. If that fails, the
   * old one stays in use.
   */
  reopen(): void {
    this.#mustReopen = true;
    this.#wake();
  }

  /** Reopens the target if its path leads to it no more. */
  async reopenIfMoved(): Promise<void> {
    const target = this.#target;
    if (await target.isInPlace?.() ?? true) return;
    if (target === this.#target && !this.#isClosed) this.reopen();
  }

  /** Resolves when everything queued so far is written. */
  async flush(): Promise<void> {
    while (this.#isBusy) await this.#idle;
  }

  /** Writes what has queued. A reader that takes nothing does not hold up the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let waits = 0; waits < MAX_WAITS; waits++) {
      const before = this.#taken;
      await this.#flushFor(PATIENCE);
      // All is written, or the reader takes nothing.
      if (this.#taken === before) break;
    }
    this.#isClosed = true;
    this.#target.close();
  }

  async #flushFor(ms: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    using _timer = this.#clock.timer(ms, late.resolve);
    await Promise.race([this.flush(), late.promise]);
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#untold += count;
  }

  #wake(): void {
    if (this.#isBusy || this.#isClosed) return;
    this.#isBusy = true;
    this.#idle = this.#run();
  }

  async #run(): Promise<void> {
    // Lines logged in one go leave together.
    await Promise.resolve();
    while (this.#mustReopen || this.#queue.length > 0) {
      if (this.#mustReopen) this.#changeTarget();
      await this.#writeQueue();
    }
    this.#isBusy = false;
  }

  async #writeQueue(): Promise<void> {
    const lines = this.#encoder.encode(this.#queue.join(""));
    this.#queue = [];
    this.#queued = 0;
    if (!await this.#writeRest()) return this.#drop(countLines(lines));
    if (!await this.#writeLines(lines)) return;
    if (this.#untold === 0) return;
    this.#queue.unshift(this.#onDropped(this.#untold));
    this.#untold = 0;
  }

  /** Returns whether the target is at the beginning of a line. */
  async #writeRest(): Promise<boolean> {
    const count = await this.#send(this.#rest);
    this.#rest = this.#rest.subarray(count);
    return this.#rest.byteLength === 0;
  }

  /** Returns whether all are written. The log is not worth the traffic: others are counted. */
  async #writeLines(lines: Uint8Array): Promise<boolean> {
    const count = await this.#send(lines);
    if (count === lines.byteLength) return true;
    const begin = lines.subarray(0, count).lastIndexOf(LINE_BREAK) + 1;
    const end = lines.indexOf(LINE_BREAK, count) + 1;
    const isHalf = count > begin &&
      !await this.#takeBack(count - begin);
    if (isHalf) this.#rest = lines.slice(count, end);
    this.#drop(countLines(lines.subarray(isHalf ? end : begin)));
    return false;
  }

  async #takeBack(count: number): Promise<boolean> {
    try {
      await this.#target.takeBack?.(count);
      return this.#target.takeBack !== undefined;
    } catch {
      return false;
    }
  }

  /** Returns how many bytes the target has taken: all, or those before it failed. */
  async #send(bytes: Uint8Array): Promise<number> {
    let sent = 0;
    try {
      while (sent < bytes.byteLength && !this.#isClosed) {
        const piece = bytes.subarray(sent, sent + MAX_WRITE);
        const count = await this.#target.write(piece);
        sent += count;
        this.#taken += count;
      }
      this.#succeeded();
    } catch (cause) {
      // A full disk or a closed pipe.
      const isNew = this.#failure === undefined;
      this.#failure = cause;
      this.#failedAt = this.#clock.now();
      if (isNew) this.#onFailure?.(cause);
    }
    return sent;
  }

  #succeeded(): void {
    const quiet = this.#clock.now() - this.#failedAt;
    if (quiet >= QUIET) this.#failure = undefined;
  }

  #changeTarget(): void {
    this.#mustReopen = false;
    try {
      const next = this.#open();
      this.#target.close();
      this.#target = next;
      if (this.#rest.byteLength > 0) this.#drop(1);
      this.#rest = NOTHING;
    } catch {
      // The directory is gone: better the old file than no log.
    }
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === LINE_BREAK) count++;
  return count;
}
