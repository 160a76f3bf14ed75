/**
 * A few lines that stay below the log in a terminal: erased before log lines
 * are written, and written again behind them.
 *
 * @module
 */
import type { LogTarget } from "../../log/log_writer.ts";
import { visible } from "../../log/visible.ts";

/** A terminal. */
export interface Screen {
  /** Its width in characters. */
  columns(): number;
  /** As `Deno.stdout.write`. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Up so many lines and to their beginning, then erase all below (ECMA-48 §8.3.13, §8.3.39). */
const eraseLines = (count: number) =>
  count === 0 ? "" : `\r\x1b[${count}A\x1b[J`;
/** What begins a colour and ends it takes no room (ECMA-48 §8.3.117). */
// deno-lint-ignore no-control-regex -- they are what it looks for
const COLOUR = /\x1b\[\d*m/;

/** The lines, and the log above them. Disposing it erases them. */
export class LiveBlock implements LogTarget, AsyncDisposable {
  readonly #screen: Screen;
  readonly #encoder = new TextEncoder();
  #lines: readonly string[] = [];
  /** Lines that are on the screen now. */
  #shown = 0;
  #isOver = false;
  /** Writes follow each other: a terminal may take its time. */
  #turn: Promise<void> = Promise.resolve();
  #isBusy = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Writes log lines above the block. */
  async write(bytes: Uint8Array): Promise<number> {
    await this.#inTurn(() => this.#draw(bytes));
    return bytes.byteLength;
  }

  /** Shows `lines` from now on; nothing happens while the terminal is still busy, so that nobody waits for it. */
  show(lines: readonly string[]): void {
    if (this.#isOver) return;
    this.#lines = lines;
    if (this.#isBusy) return;
    void this.#inTurn(() => this.#draw(new Uint8Array())).catch(() => {});
  }

  /** As a target of the log: the terminal stays open. */
  close(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#lines = [];
    await this.#inTurn(() => this.#draw(new Uint8Array()));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(async () => {
      this.#isBusy = true;
      try {
        await work();
      } finally {
        this.#isBusy = false;
      }
    });
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #draw(log: Uint8Array): Promise<void> {
    const width = this.#screen.columns();
    const lines = this.#lines.map((line) => `${fit(line, width)}\n`);
    const before = this.#encoder.encode(eraseLines(this.#shown));
    const after = this.#encoder.encode(lines.join(""));
    this.#shown = lines.length;
    let rest = joined([before, log, after]);
    while (rest.byteLength > 0) {
      rest = rest.subarray(await this.#screen.write(rest));
    }
  }
}

/** A line that is cut where it would begin a second one, and in which nothing but colours does something. */
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

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
