import { ConfigError } from "../config/errors.ts";
import type { LogConfig } from "../config/options/log_config.ts";
import { type ConfiguredLog, configureLog } from "../log/configure.ts";
import { logger } from "../log/log.ts";
import type { LogTarget } from "../log/log_writer.ts";
import { VERSION } from "../config/version.ts";

/**
 * Configures the log and writes its first lines: version and configuration.
 *
 * @param changed The options that are set, without secrets.
 * @param output The target of the lines in place of standard output.
 * @throws {ConfigError} `badFile`, if the log file cannot be opened.
 */
export async function openLog(
  { logLevel, logFormat, logFile }: LogConfig,
  changed: Readonly<Record<string, string>>,
  output?: LogTarget,
): Promise<ConfiguredLog> {
  const log = await configure();
  const control = logger("control");
  control.info("Sallyport", { version: VERSION.version });
  control.info("configuration", changed);
  return log;

  async function configure(): Promise<ConfiguredLog> {
    try {
      return await configureLog({
        level: logLevel,
        format: logFormat,
        file: logFile,
        output,
      });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigError("badFile", message, { cause });
    }
  }
}
