/*
 * The log of the program, for a test to look at and to wait for.
 */
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { within } from "../testing/deadline.ts";

/** The lines that were logged, as one text each: `warning message {"name":…}`. */
export class LogLines implements AsyncDisposable {
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor() {}

  /** Takes over the log until it is disposed. */
  static async start(): Promise<LogLines> {
    const lines = new LogLines();
    await configure({
      reset: true,
      sinks: { lines: (record) => lines.#add(record) },
      loggers: [
        { category: "sallyport", lowestLevel: "debug", sinks: ["lines"] },
        { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: [] },
      ],
    });
    return lines;
  }

  /** All lines so far that match. */
  matching(pattern: RegExp): readonly string[] {
    return this.#lines.filter((line) => pattern.test(line));
  }

  /** Resolves when there are `count` lines that match. */
  async seen(pattern: RegExp, count = 1): Promise<void> {
    while (this.matching(pattern).length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await within(promise, `${pattern} in\n${this.#lines.join("\n")}`);
      this.#waiting.delete(resolve);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await reset();
  }

  #add({ level, message, properties }: LogRecord): void {
    const fields = JSON.stringify(
      properties,
      (_, value) => value instanceof Error ? value.message : value,
    );
    this.#lines.push(`${level} ${message.join("")} ${fields}`);
    for (const resolve of this.#waiting) resolve();
  }
}
