/* The log of a plugin in a worker, and its `console`, which writes there too. */
import { format } from "node:util";
import { hideSecrets } from "../../log/redact.ts";
import type { PluginLog } from "../api/context.ts";
import { withCauses } from "../loading/error_causes.ts";
import type { LogLine } from "./protocol.ts";

/** Lines a second: enough for a busy site, and too few to fill a disk in minutes. */
const MAX_LINES = 1_000;
/** Characters of one line: room for a stack. */
const MAX_LENGTH = 8_192;

/** Sends a line. */
export type SendLine = (line: LogLine) => void;

/** A log that sends its lines. Their number and their length are bounded. */
export function boundedLog(send: SendLine): PluginLog {
  const limit = new LineLimit(send);
  const write =
    (level: LogLine["level"]): PluginLog["info"] => (message, fields = {}) => {
      limit.write({
        level,
        message: String(message),
        // Plain data: a message carries nothing else.
        fields: hideSecrets(withCauses(fields)),
      });
    };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

/** A `console` that writes to the log. Methods without a text do nothing. */
export function consoleTo(
  log: PluginLog,
): Readonly<Record<string, (...values: unknown[]) => void>> {
  const to = (level: keyof PluginLog) => (...values: unknown[]): void =>
    log[level]("console", { text: format(...values) });
  const nothing = (): void => {};
  const lines = {
    debug: to("debug"),
    dir: to("info"),
    error: to("error"),
    info: to("info"),
    log: to("info"),
    table: to("info"),
    trace: to("debug"),
    warn: to("warn"),
    assert: (isTrue: unknown, ...values: unknown[]): void => {
      if (!isTrue) to("warn")("Assertion failed:", ...values);
    },
  };
  const quiet = [
    "clear",
    "count",
    "countReset",
    "group",
    "groupCollapsed",
    "groupEnd",
    "time",
    "timeEnd",
    "timeLog",
  ].map((name) => [name, nothing]);
  return Object.freeze({ ...Object.fromEntries(quiet), ...lines });
}

/** Cuts long lines and drops lines above the limit. The following second logs how many. */
class LineLimit {
  readonly #send: SendLine;
  // Bound before a plugin can replace the clock.
  readonly #now = performance.now.bind(performance);
  #second = 0;
  #lines = 0;

  constructor(send: SendLine) {
    this.#send = send;
  }

  write(line: LogLine): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) this.#begin(second);
    this.#lines += 1;
    if (this.#lines <= MAX_LINES) this.#send(shortened(line));
  }

  #begin(second: number): void {
    const dropped = this.#lines - MAX_LINES;
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

function shortened(line: LogLine): LogLine {
  const text = JSON.stringify(line.fields);
  if (line.message.length + text.length <= MAX_LENGTH) return line;
  const message = cut(line.message);
  return { ...line, message, fields: { cut: cut(text) } };
}

function cut(text: string): string {
  return text.slice(0, MAX_LENGTH / 2);
}
