import { hideSecrets, type LogValues } from "./redact.ts";
import { hasUnseen, visible } from "./visible.ts";

/** A record, free of the logging library. */
export interface LogEntry {
  /** Microseconds since 1970. */
  readonly time: number;
  readonly level: string;
  readonly module: string;
  /** Fixed text. */
  readonly message: string;
  /** The values that go with it. */
  readonly fields: LogValues;
}

/** Writes an entry as a line, with its line break. */
export type LineFormat = (entry: LogEntry) => string;

/** What a value without quotes has none of. */
const NEEDS_QUOTES = /[\s"]/;

/** Names that JSON lines use themselves. */
const OWN_NAMES = ["time", "level", "module", "msg"] as const;

/**
 * A line for people, in local time:
 *
 * ```text
 * 2024/09/27 22:19:32.150377 [tunnel] [INFO] established connection active=1/2
 * ```
 *
 * Names and values that could be taken for something else are quoted as in
 * JSON, so that nothing in them can begin a new line; nor can the message, which
 * may be what a server says.
 */
export function textLine(entry: LogEntry): string {
  return `${localTime(entry.time)} [${entry.module}] ${bareLine(entry)}\n`;
}

/** What a line says, without when and where: `[INFO] established connection active=1/2`. */
export function bareLine(
  { level, message, fields }: Pick<LogEntry, "level" | "message" | "fields">,
): string {
  const words = [`[${level.toUpperCase()}]`, visible(message)];
  for (const [name, value] of Object.entries(hideSecrets(fields))) {
    words.push(`${textOf(name)}=${textOf(value)}`);
  }
  return words.join(" ");
}

/** A JSON object: `time` (ISO 8601, UTC), `level`, `module`, `msg`, and the fields. */
export function jsonLine(
  { time, level, module, message, fields }: LogEntry,
): string {
  const own = { time: isoTime(time), level, module, msg: message };
  const rest = Object.entries(hideSecrets(fields)).map(([name, value]) => {
    const isTaken = OWN_NAMES.some((each) => each === name);
    return [isTaken ? `field_${name}` : name, value];
  });
  const text = JSON.stringify({ ...own, ...Object.fromEntries(rest) });
  return `${visible(text)}\n`;
}

function textOf(value: unknown): string {
  const text = typeof value === "object" && value !== null
    ? JSON.stringify(value)
    : String(value);
  return text === "" || NEEDS_QUOTES.test(text) || hasUnseen(text)
    ? visible(JSON.stringify(text))
    : text;
}

function localTime(microseconds: number): string {
  const date = new Date(microseconds / 1000);
  const day = [
    date.getFullYear(),
    twoDigits(date.getMonth() + 1),
    twoDigits(date.getDate()),
  ].join("/");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map(twoDigits).join(":");
  return `${day} ${time}.${fraction(microseconds)}`;
}

function isoTime(microseconds: number): string {
  const iso = new Date(microseconds / 1000).toISOString();
  return iso.replace(/\.\d+Z$/, `.${fraction(microseconds)}Z`);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

function fraction(microseconds: number): string {
  return String(microseconds % 1_000_000).padStart(6, "0");
}
