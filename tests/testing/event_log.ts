/**
 * The log of the program as events, for a test to look at and to wait for: of
 * this process ({@linkcode recordLog}), or of a program (`process.ts`).
 *
 * @module
 */
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { within } from "./deadline.ts";

/** One line of the log. */
export interface LogEvent {
  readonly level: string;
  /** The word in brackets on a line of text. */
  readonly module: string;
  /** The fixed text: what happened. */
  readonly message: string;
  /** The values that go with it. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Its place in the log. */
  readonly at: number;
}

/** The fields that an event must have, as text or as a pattern that the text matches. */
export type WantedFields = Readonly<
  Record<string, string | number | boolean | RegExp>
>;

/** Which of several events is waited for. */
export interface WaitOptions {
  /** Only what comes later than this event. */
  readonly after?: LogEvent;
  /** Wait for so many of them; 1 by default. */
  readonly count?: number;
  /** Milliseconds; those of `within()` by default. */
  readonly ms?: number | undefined;
}

interface Waiter {
  look(): void;
  end(): void;
}

/** Events that become more, and the tests that wait for one. */
export class EventLog {
  readonly #events: LogEvent[] = [];
  readonly #waiters = new Set<Waiter>();
  #hasEnded = false;

  /** All events so far, in order. */
  get all(): readonly LogEvent[] {
    return this.#events;
  }

  /** All events so far with this message, or one of these, and these fields. */
  matching(
    message: string | readonly string[],
    fields: WantedFields = {},
  ): readonly LogEvent[] {
    const messages = [message].flat();
    return this.#events.filter((event) =>
      messages.includes(event.message) && hasFields(event, fields)
    );
  }

  /**
   * Resolves with the event once it is there. The line itself wakes the test.
   *
   * @throws When the log ends without it, or the time is up.
   */
  async seen(
    message: string | readonly string[],
    fields: WantedFields = {},
    { after, count = 1, ms }: WaitOptions = {},
  ): Promise<LogEvent> {
    const words = [message].flat().map((each) => `"${each}"`).join(" or ");
    const what = `${count} × ${words} ${inspect(fields)} in the log`;
    const { promise, resolve, reject } = Promise.withResolvers<LogEvent>();
    const waiter: Waiter = {
      look: () => {
        const found = this.matching(message, fields)
          .filter(({ at }) => at > (after?.at ?? -1)).at(count - 1);
        if (found !== undefined) resolve(found);
      },
      end: () => reject(new Error(`The log ended without ${what}`)),
    };
    waiter.look();
    if (this.#hasEnded) waiter.end();
    this.#waiters.add(waiter);
    try {
      return await within(promise, what, ms);
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  /** Adds an event and wakes who waits for it. */
  add(event: Omit<LogEvent, "at">): void {
    this.#events.push({ ...event, at: this.#events.length });
    for (const waiter of this.#waiters) waiter.look();
  }

  /** No event comes any more. */
  end(): void {
    this.#hasEnded = true;
    for (const waiter of this.#waiters) waiter.end();
  }
}

/** The log of this process, until it is disposed. */
export type RecordedLog = EventLog & AsyncDisposable;

/** Takes over the log of this process until the result is disposed. */
export async function recordLog(): Promise<RecordedLog> {
  const log = new EventLog();
  await configure({
    reset: true,
    sinks: { events: (record) => log.add(eventOf(record)) },
    loggers: [
      { category: "sallyport", lowestLevel: "debug", sinks: ["events"] },
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: [] },
    ],
  });
  return Object.assign(log, { [Symbol.asyncDispose]: reset });
}

function eventOf(
  { level, category, message, properties }: LogRecord,
): Omit<LogEvent, "at"> {
  return {
    level: level === "warning" ? "warn" : level,
    module: category.slice(1).join("/"),
    message: message.join(""),
    fields: properties,
  };
}

/** Reads a line that `--log-format=json` wrote. @returns Nothing when it is another line. */
export function eventOfJson(line: string): Omit<LogEvent, "at"> | undefined {
  if (!line.startsWith('{"time":')) return undefined;
  const { time: _, level, module, msg, ...fields } = JSON.parse(line);
  return { level, module, message: msg, fields };
}

/**
 * Reads a line that `--log-format=text` wrote, for tests whose subject is that
 * text. Every value is text here.
 *
 * @returns Nothing when it is another line.
 */
export function eventOfText(line: string): Omit<LogEvent, "at"> | undefined {
  const [, module, level, rest] =
    /^\S+ \S+ \[([\w/]+)\] \[([A-Z]+)\] (.*)$/.exec(line) ?? [];
  if (module === undefined || level === undefined || rest === undefined) {
    return undefined;
  }
  const field = / ("(?:[^"\\]|\\.)*"|[^\s"=]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g;
  const fields = [...rest.matchAll(field)]
    .map(([, name = "", value = ""]) => [unquoted(name), unquoted(value)]);
  return {
    level: level.toLowerCase(),
    module,
    message: rest.replaceAll(field, ""),
    fields: Object.fromEntries(fields),
  };
}

function unquoted(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}

function hasFields({ fields }: LogEvent, wanted: WantedFields): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    if (!Object.hasOwn(fields, name)) return false;
    const text = textOf(fields[name]);
    return value instanceof RegExp ? value.test(text) : text === String(value);
  });
}

function textOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function inspect(fields: WantedFields): string {
  return Deno.inspect(fields, { colors: false, breakLength: Infinity });
}
