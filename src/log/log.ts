/**
 * The loggers of the program's modules.
 *
 * The program logs through LogTape under the category `sallyport`; a process
 * that embeds it decides where the lines go by configuring LogTape. The
 * command line does so in `log/configure.ts`.
 */
import { getLogger, type Logger } from "@logtape/logtape";

/** The modules that write log lines; the word in brackets on each line. */
export type LogModule =
  | "control"
  | "tunnel"
  | "proxy"
  | "api"
  | "server"
  | "plugin";

/** The logger of one module. */
export function logger(module: LogModule): Logger {
  return getLogger(["sallyport", module]);
}

export type { Logger };
