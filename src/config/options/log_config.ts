/**
 * The options of the log, the same for every command that runs for a while.
 *
 * @module
 */
import type { Fields } from "../field.ts";
import { field } from "../field.ts";
import { choice, text } from "../values/values.ts";

/** How much is logged, how, and where. */
export interface LogConfig {
  /** A path; standard output when it is not set. */
  readonly logFile: string | undefined;
  readonly logFormat: "text" | "json";
  readonly logLevel: "error" | "info" | "debug";
}

/** Declares the options of `LogConfig`. */
export const LOG_FIELDS: Fields<LogConfig> = {
  logFile: field(text().optional(), {
    section: "Logging",
    placeholder: "path",
    defaultText: "standard output",
    help: "File to append the log to. It is opened again on SIGHUP, so that " +
      "it can be rotated by renaming it.",
  }),
  logFormat: field(choice("text", "json").default("text"), {
    section: "Logging",
    placeholder: "text|json",
    help: "Lines for people, or one JSON object per line.",
  }),
  logLevel: field(choice("error", "info", "debug").default("info"), {
    section: "Logging",
    placeholder: "error|info|debug",
    help: "The least severe lines that are logged.",
  }),
};
