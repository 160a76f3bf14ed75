/**
 * Writes lines without making anyone wait: they queue in memory while the file
 * is busy, and everything that queued goes out in one write.
 */

/** What lines are written to. */
export interface LogTarget {
  /** As `Deno.FsFile.write`: takes some of `bytes`, says how many. */
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/**
 * Characters that may queue. A reader of standard output that has stopped must
 * not fill the memory nor hold up the traffic: beyond this, lines are dropped
 * and counted.
 */
const MAX_QUEUED = 8 * 1024 * 1024;

/** The queue in front of a target. */
export class LogWriter implements AsyncDisposable {
  readonly #open: () => LogTarget;
  readonly #onDropped: (count: number) => string;
  readonly #encoder = new TextEncoder();
  #target: LogTarget;
  #queue: string[] = [];
  #queued = 0;
  #dropped = 0;
  #droppedInAll = 0;
  #mustReopen = false;
  #idle: Promise<void> = Promise.resolve();
  #isBusy = false;

  /**
   * @param open Opens the target, now and again at every `reopen()`.
   * @param onDropped The line that says how many lines are missing.
   */
  constructor(open: () => LogTarget, onDropped: (count: number) => string) {
    this.#open = open;
    this.#onDropped = onDropped;
    this.#target = open();
  }

  /** How many lines were dropped so far. */
  get dropped(): number {
    return this.#droppedInAll;
  }

  /** Queues a line, which ends in a line break. */
  write(line: string): void {
    if (this.#queued + line.length > MAX_QUEUED) {
      this.#drop(1);
      return;
    }
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

  /** Resolves when everything queued so far is written. */
  async flush(): Promise<void> {
    while (this.#isBusy) await this.#idle;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
    this.#target.close();
  }

  #wake(): void {
    if (this.#isBusy) return;
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
    const lines = this.#queue;
    this.#queue = [];
    this.#queued = 0;
    try {
      await writeAll(this.#target, this.#encoder.encode(lines.join("")));
    } catch {
      // A full disk or a closed pipe. The log is not worth the traffic: count.
      this.#drop(lines.length);
      return;
    }
    if (this.#dropped === 0) return;
    this.#queue.unshift(this.#onDropped(this.#dropped));
    this.#dropped = 0;
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#droppedInAll += lines;
  }

  #changeTarget(): void {
    this.#mustReopen = false;
    try {
      const next = this.#open();
      this.#target.close();
      this.#target = next;
    } catch {
      // The directory is gone: better the old file than no log.
    }
  }
}

async function writeAll(target: LogTarget, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.byteLength > 0) {
    rest = rest.subarray(await target.write(rest));
  }
}
