import { configure, type LogRecord, reset } from "@logtape/logtape";

import { bareLine, jsonLine, type LineFormat, textLine } from "./line.ts";
import { SYSTEM } from "../platform/system.ts";
import { openLogFile } from "./log_file.ts";
import { type LogTarget, LogWriter } from "./log_writer.ts";
import { systemReason } from "./system_reason.ts";
import { logTime } from "./log_time.ts";

/** How the program logs. */
export interface LogOptions {
  /** The least severe lines that are written. */
  readonly level?: "error" | "info" | "debug";
  readonly format?: "text" | "json";
  /** A path to append to; standard output when it is not set. */
  readonly file?: string | undefined;
  /** What takes the lines in place of standard output. */
  readonly output?: LogTarget | undefined;
  /** How often is looked whether the file was renamed, in milliseconds. Default 5 s. */
  readonly lookInterval?: number;
}

/** A log that is written until it is disposed. */
export interface ConfiguredLog extends AsyncDisposable {
  /** How many lines of level error were logged so far, by module. */
  readonly errors: ReadonlyMap<string, number>;
  /** How many lines were dropped so far. */
  readonly dropped: () => number;
}

/**
 * How often is looked whether the file was renamed, in milliseconds. Windows has
 * no SIGHUP, and a look costs two calls of the system.
 */
const LOOK_INTERVAL = 5_000;

/** The log says who requested what: only its owner may read it. An existing file keeps its mode. */
const FILE_MODE = 0o600;

/**
 * Configures the log of this process until the result is disposed, which
 * returns when every line is written. With a file, SIGHUP reopens it, so
 * that it can be renamed and rotated. Without the signal, it is reopened some
 * seconds after it was renamed or removed.
 *
 * @throws {Error} When the file cannot be opened.
 */
export async function configureLog(
  { level = "info", format = "text", file, output, ...options }: LogOptions =
    {},
): Promise<ConfiguredLog> {
  const { lookInterval = LOOK_INTERVAL } = options;
  await using stack = new AsyncDisposableStack();
  const lineOf = format === "json" ? jsonLine : textLine;
  const writer = stack.use(
    new LogWriter(
      file === undefined
        ? () => output ?? standardOutput()
        : () => openLogFile(file, FILE_MODE),
      (count) => droppedLine(lineOf, count),
      { onFailure: (cause) => tellOfFailure(file, cause) },
    ),
  );
  if (file !== undefined) {
    stack.use(onHangUp(() => writer.reopen()));
    stack.use(repeatedly(() => writer.reopenIfMoved(), lookInterval));
  }
  const errors = new Map<string, number>();
  await send(level, (record) => {
    const entry = entryOf(record);
    if (entry.level === "error") {
      errors.set(entry.module, (errors.get(entry.module) ?? 0) + 1);
    }
    writer.write(lineOf(entry));
  });
  stack.defer(reset);
  const parts = stack.move();
  return {
    errors,
    dropped: () => writer.dropped,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Gives what this process logs to `onLine`, line by line and without times, until the result is disposed. */
export async function listenToLog(
  onLine: (line: string) => void,
): Promise<AsyncDisposable> {
  await send("debug", (record) => onLine(bareLine(entryOf(record))));
  return { [Symbol.asyncDispose]: reset };
}

async function send(
  lowestLevel: "error" | "info" | "debug",
  lines: (record: LogRecord) => void,
): Promise<void> {
  await configure({
    sinks: { lines },
    loggers: [
      { category: "sallyport", lowestLevel, sinks: ["lines"] },
      // LogTape reports on itself, on the console; nothing there is for users.
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: [] },
    ],
  });
}

function entryOf(
  { level, category, rawMessage, message, properties }: LogRecord,
): Parameters<LineFormat>[0] {
  return {
    time: logTime(),
    level: level === "warning" ? "warn" : level,
    module: category.slice(1).join("/"),
    message: typeof rawMessage === "string" ? rawMessage : message.join(""),
    fields: properties,
  };
}

function droppedLine(lineOf: LineFormat, count: number): string {
  return lineOf({
    time: logTime(),
    level: "error",
    module: "control",
    message: "log lines dropped",
    fields: { count },
  });
}

/** Standard error says what the log cannot. Nobody waits for it: its reader may have stopped too. */
function tellOfFailure(file: string | undefined, cause: unknown): void {
  // Who stopped reading standard output knows.
  if (file === undefined) return;
  const text = `sallyport: Cannot write the log file "${file}": ${
    systemReason(cause)
  }, requests go on\n`;
  void Deno.stderr.write(new TextEncoder().encode(text)).catch(() => {});
}

function standardOutput(): LogTarget {
  // It belongs to the process and is never closed.
  return { write: (bytes) => Deno.stdout.write(bytes), close() {} };
}

/** Calls `action` again and again until disposed, one call at a time; it must not reject. */
function repeatedly(action: () => Promise<void>, ms: number): Disposable {
  let isRunning = false;
  const id = setInterval(async () => {
    if (isRunning) return;
    isRunning = true;
    await action();
    isRunning = false;
  }, ms);
  return { [Symbol.dispose]: () => clearInterval(id) };
}

function onHangUp(action: () => void): Disposable {
  if (!SYSTEM.hasHangUp) return { [Symbol.dispose]() {} };
  Deno.addSignalListener("SIGHUP", action);
  return {
    [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", action),
  };
}
