import { configure, type LogRecord, reset } from "@logtape/logtape";

import { bareLine, jsonLine, type LineFormat, textLine } from "./line.ts";
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
}

/** A log that is written until it is disposed. */
export interface ConfiguredLog extends AsyncDisposable {
  /** How many lines of level error were logged so far, by module. */
  readonly errors: ReadonlyMap<string, number>;
  /** How many lines were dropped so far. */
  readonly dropped: () => number;
}

/** The log says who requested what: only its owner may read it. An existing file keeps its mode. */
const FILE_MODE = 0o600;

/**
 * Configures the log of this process until the result is disposed, which
 * returns when every line is written. With a file, SIGHUP reopens it, so
 * that it can be renamed and rotated.
 *
 * @throws {Error} When the file cannot be opened.
 */
export async function configureLog(
  { level = "info", format = "text", file, output }: LogOptions = {},
): Promise<ConfiguredLog> {
  await using stack = new AsyncDisposableStack();
  const lineOf = format === "json" ? jsonLine : textLine;
  const writer = stack.use(
    new LogWriter(
      file === undefined
        ? () => output ?? standardOutput()
        : () => openFile(file),
      (count) => droppedLine(lineOf, count),
    ),
  );
  if (file !== undefined) stack.use(onHangUp(() => writer.reopen()));
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

function standardOutput(): LogTarget {
  // It belongs to the process and is never closed.
  return { write: (bytes) => Deno.stdout.write(bytes), close() {} };
}

function openFile(path: string): LogTarget {
  try {
    return Deno.openSync(path, {
      append: true,
      create: true,
      mode: FILE_MODE,
    });
  } catch (cause) {
    throw new Error(
      `Cannot open the log file "${path}": ${
        systemReason(cause)
      }, choose another`,
      { cause },
    );
  }
}

function onHangUp(action: () => void): Disposable {
  // Windows sends SIGHUP when the console closes, which is the end.
  if (Deno.build.os === "windows") return { [Symbol.dispose]() {} };
  Deno.addSignalListener("SIGHUP", action);
  return {
    [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", action),
  };
}
