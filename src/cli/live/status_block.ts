import type { LogTarget } from "../../log/log_writer.ts";
import { deadline } from "../../async/timer.ts";
import { visible } from "../../log/visible.ts";

/** How long the terminal may take to erase the block at the end, in milliseconds. */
const PATIENCE = 1_000;

/** A terminal. */
export interface Screen {
  /** Its width in characters. Some terminals cannot say, and throw: nothing is shown below the log then. */
  columns(): number;
  /** As `Deno.stdout.write`. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Moves up `count` lines and erases everything below (ECMA-48 §8.3.13, §8.3.39). */
const eraseLines = (count: number) =>
  count === 0 ? "" : `\r\x1b[${count}A\x1b[J`;
/** The start and the end of a colour, which have no width (ECMA-48 §8.3.117). */
// deno-lint-ignore no-control-regex -- it matches escape sequences
const COLOUR = /\x1b\[\d*m/;

/**
 * A few lines below the log in a terminal. They are erased before log lines are
 * written, and written again after them. Disposing the block erases them.
 */
export class StatusBlock implements LogTarget, AsyncDisposable {
  readonly #screen: Screen;
  readonly #encoder = new TextEncoder();
  #lines: readonly string[] = [];
  /** The number of lines on the screen. */
  #redacted = 0;
  #isDisposed = false;
  /** Settles after the last write. Writes are sequential, because a terminal may be slow. */
  #lastWrite: Promise<void> = Promise.resolve();
  #isBusy = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Writes log lines above the block. */
  async write(bytes: Uint8Array): Promise<number> {
    await this.#enqueue(() => this.#draw(bytes));
    return bytes.byteLength;
  }

  /** Replaces the lines. While the terminal is busy they are only stored, so that no caller waits for it. */
  show(lines: readonly string[]): void {
    if (this.#isDisposed) return;
    this.#lines = lines;
    if (this.#isBusy) return;
    void this.#enqueue(() => this.#draw(new Uint8Array())).catch(() => {});
  }

  /** Closes the log target. The terminal stays open. */
  close(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#lines = [];
    const erased = this.#enqueue(() => this.#draw(new Uint8Array()));
    // A terminal that was stopped (Ctrl-S) or is gone does not hold up the end.
    await deadline(erased, PATIENCE).catch(() => {});
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const result = this.#lastWrite.then(async () => {
      this.#isBusy = true;
      try {
        await work();
      } finally {
        this.#isBusy = false;
      }
    });
    this.#lastWrite = result.catch(() => {});
    return result;
  }

  /** The lines in the width of the terminal; none when it is not known, because a wrapped line could not be erased. */
  #fitted(): readonly string[] {
    const width = widthOf(this.#screen);
    if (width === undefined) return [];
    return this.#lines.map((line) => fit(line, width));
  }

  async #draw(log: Uint8Array): Promise<void> {
    const lines = this.#fitted().map((line) => `${line}\n`);
    const before = this.#encoder.encode(eraseLines(this.#redacted));
    const after = this.#encoder.encode(lines.join(""));
    this.#redacted = lines.length;
    let rest = joined([before, log, after]);
    while (rest.byteLength > 0) {
      rest = rest.subarray(await this.#screen.write(rest));
    }
  }
}

/** How wide a terminal is; `undefined` where it cannot say, as under Git Bash of Windows. */
export function widthOf(screen: Pick<Screen, "columns">): number | undefined {
  try {
    return screen.columns();
  } catch {
    return undefined;
  }
}

/** Cuts a line to the width of the terminal, and escapes all control characters but colours. */
function fit(line: string, width: number): string {
  let room = Math.max(width - 1, 0);
  let text = "";
  for (const part of line.split(new RegExp(`(${COLOUR.source})`))) {
    if (COLOUR.test(part)) {
      text += part;
      continue;
    }
    const characters = [...visible(part)].slice(0, room);
    room -= characters.length;
    text += characters.join("");
  }
  return text;
}

function joined(services: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    services.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
  let at = 0;
  for (const part of services) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
