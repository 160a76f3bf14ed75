/**
 * The log of one call of a hook.
 *
 * @module
 */
import type { LogFields, PluginLog } from "../api/context.ts";

/** `log`, whose lines name the exchange that they are about; itself when there is none. */
export function logOfExchange(
  log: PluginLog,
  id: string | undefined,
): PluginLog {
  if (id === undefined) return log;
  // The id comes last, so that a plugin cannot speak of another exchange.
  const withId = (fields?: LogFields): LogFields => ({ ...fields, id });
  return {
    debug: (message, fields) => log.debug(message, withId(fields)),
    info: (message, fields) => log.info(message, withId(fields)),
    warn: (message, fields) => log.warn(message, withId(fields)),
    error: (message, fields) => log.error(message, withId(fields)),
  };
}
