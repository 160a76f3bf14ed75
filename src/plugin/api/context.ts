import type { EditableRequest } from "./messages.ts";

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

/** What the hook `request` is given besides its subject. */
export interface ExchangePluginContext<
  Options = unknown,
  State extends object = Record<string, unknown>,
> extends PluginContext<Options> {
  /** The id of the request, as log lines have it. */
  readonly id: string;
  /** The user whose credentials came with the request, where there were some. */
  readonly user: string | undefined;
  /** The test job that the request belongs to. */
  readonly job: string | undefined;
  /** The request as the browser sent it, before the edits of plugins. */
  readonly original: OriginalRequest;
  /**
   * Anything that the plugin wants to find again: the hooks of one request
   * share it, and nobody else sees it. It is empty at first, and forgotten when
   * the request has ended.
   */
  readonly state: Partial<State>;
  /**
   * Ends the request at once, without a response: the browser sees its
   * connection reset.
   */
  abort(): never;
}

/** What the hook `response` is given besides its subject. */
export interface ResponsePluginContext<
  Options = unknown,
  State extends object = Record<string, unknown>,
> extends ExchangePluginContext<Options, State> {
  /**
   * The request as this plugin left it. It has been sent: assigning to its
   * members changes this object only.
   */
  readonly request: EditableRequest;
}

/** The beginning of a request before the edits of plugins. */
export interface OriginalRequest {
  /** As it was sent. */
  readonly method: string;
  /** Absolute. */
  readonly url: ReadonlyUrl;
}

/** A URL that is only read. */
export interface ReadonlyUrl extends
  Readonly<
    Pick<
      URL,
      | "hash"
      | "host"
      | "hostname"
      | "href"
      | "origin"
      | "pathname"
      | "port"
      | "protocol"
      | "search"
    >
  > {
  /** The query, taken apart. */
  readonly searchParams: Pick<
    URLSearchParams,
    "entries" | "get" | "getAll" | "has" | "keys" | "size" | "values"
  >;
}

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
