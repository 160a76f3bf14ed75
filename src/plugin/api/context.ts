/**
 * What every hook is given besides its subject.
 *
 * @module
 */

/** What surrounds a call. */
export interface PluginContext<Options = unknown> {
  /** The name of the plugin. */
  readonly name: string;
  /** From the configuration, checked by the plugin's own schema if it has one. */
  readonly options: Options;
  /** The log of the program; each line carries the name of the plugin, and the id of the exchange if there is one. */
  readonly log: PluginLog;
  /**
   * Aborted when nobody waits for this call any more: its time is up, the
   * browser is gone, or the program stops. Give it to what may take long:
   * `fetch(url, { signal })`.
   */
  readonly signal: AbortSignal;
}

/** Writes to the log of the program: a fixed text, and values that go with it. */
export interface PluginLog {
  /** Written only when the program runs at level `debug`. */
  debug(message: string, fields?: LogFields): void;
  /** Something to know or to count. */
  info(message: string, fields?: LogFields): void;
  /** Something to look at: the work goes on. */
  warn(message: string, fields?: LogFields): void;
  /** Something that does not work. */
  error(message: string, fields?: LogFields): void;
}

/** Values of a log line. Names like `password` and `token` are hidden. */
export type LogFields = Readonly<Record<string, unknown>>;
