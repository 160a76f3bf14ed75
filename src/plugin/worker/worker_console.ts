/* The log of a plugin in a worker, and its `console`, which writes there too. */
import { format } from "node:util";
import { hideSecrets } from "../../log/redact.ts";
import type { PluginLog } from "../api/context.ts";
import { withCauses } from "../loading/error_causes.ts";
import { LineLimit, type SendLine } from "./line_limit.ts";
import type { LogLine } from "./protocol.ts";

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
