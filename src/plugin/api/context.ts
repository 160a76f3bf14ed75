/** What every hook is given besides its subject. */
export interface PluginContext<Options = unknown> {
  /** The name of the plugin. */
  readonly name: string;
  /** From the configuration. The plugin's own schema has checked them, if it exports one. */
  readonly options: Options;
  /** The log of the program. Each line has the name of the plugin, and the id of the request if there is one. */
  readonly log: PluginLog;
  /**
   * Aborted when nobody waits for this call any more: its time is up, the
   * browser has gone, or the program stops. Pass it to slow operations:
   * `fetch(url, { signal })`.
   */
  readonly signal: AbortSignal;
}

/** What the hooks `connect` and `resolve` are given besides their subject: the request that needs the connection. */
export interface ConnectionPluginContext<Options = unknown>
  extends PluginContext<Options> {
  /** The id of the request, as log lines have it. */
  readonly id: string;
  /** The user whose credentials came with the request, where there were some. */
  readonly user: string | undefined;
  /** The test job that the request belongs to. */
  readonly job: string | undefined;
}

/** What the hooks `request` and `response` are given besides their subject. */
export type ExchangePluginContext<Options = unknown> = ConnectionPluginContext<
  Options
>;

/** Writes to the log of the program: a fixed text and its values. */
export interface PluginLog {
  /** Written only at log level `debug`. */
  debug(message: string, fields?: LogFields): void;
  /** An event to know or to count. */
  info(message: string, fields?: LogFields): void;
  /** A problem to look at. The work goes on. */
  warn(message: string, fields?: LogFields): void;
  /** A failure. */
  error(message: string, fields?: LogFields): void;
}

/** Values of a log line. Values with names like `password` and `token` are hidden. */
export type LogFields = Readonly<Record<string, unknown>>;
