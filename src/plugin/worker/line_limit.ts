/* The lines that a plugin logs: what they are, how many there may be, and how long. */
import { isObject } from "../results/value_kind.ts";
import type { LogLine } from "./protocol.ts";

/** Lines a second: enough for a busy site, and too few to fill a disk in minutes. */
export const MAX_LINES = 1_000;
/** Characters of one line: room for a stack. */
const MAX_LENGTH = 8_192;

const LEVELS: readonly unknown[] = ["debug", "info", "warn", "error"];

/** Sends a line. */
export type SendLine = (line: LogLine) => void;

/** Cuts long lines and drops lines above the limit. The following second logs how many. */
export class LineLimit {
  readonly #send: SendLine;
  readonly #max: number;
  // Bound before a plugin can replace the clock.
  readonly #now = performance.now.bind(performance);
  #second = 0;
  #lines = 0;

  /** @param max Lines a second. */
  constructor(send: SendLine, max: number = MAX_LINES) {
    this.#send = send;
    this.#max = max;
  }

  /** Sends a line, or drops it. */
  write(line: LogLine): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) this.#begin(second);
    this.#lines += 1;
    if (this.#lines <= this.#max) this.#send(shortened(line));
  }

  #begin(second: number): void {
    const dropped = this.#lines - this.#max;
    this.#second = second;
    this.#lines = 0;
    if (dropped <= 0) return;
    this.#send({
      level: "warn",
      message: "too many log lines, some were dropped",
      fields: { lines: dropped },
    });
  }
}

/** A line that a worker has sent. @throws {TypeError} When it is something else. */
export function checkedLine(value: unknown): LogLine {
  if (isObject(value)) {
    const { level, message, fields } = value;
    const isLine = LEVELS.includes(level) && typeof message === "string" &&
      isObject(fields);
    if (isLine) return { level: level as LogLine["level"], message, fields };
  }
  throw new TypeError("A worker has sent no log line");
}

function shortened(line: LogLine): LogLine {
  const text = JSON.stringify(line.fields);
  if (line.message.length + text.length <= MAX_LENGTH) return line;
  const message = cut(line.message);
  return { ...line, message, fields: { cut: cut(text) } };
}

function cut(text: string): string {
  return text.slice(0, MAX_LENGTH / 2);
}
