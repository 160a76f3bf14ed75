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
  /** The tunnel; `undefined` until it is there for the first time. */
  readonly tunnel: TunnelFacts | undefined;
  /**
   * The web's `fetch`, by the client's own way to sites: its names, its trusted
   * certificates, its upstream proxy, its rules. No plugin sees the request,
   * nor decides where it goes. A plugin in the sandbox needs `net` permission
   * for the host.
   *
   * Besides what the web's `fetch` takes, it takes the request of a hook, to
   * send it again. In `response` its content has been sent: keep it in `state`
   * and pass it as `body`. It is given up with the call that it belongs to. A failure
   * is a `TypeError` that says who failed; its `cause.reason` is the reason
   * that metrics count: `name_not_found`, `denied_localhost`.
   *
   * Content of a request may have 16 MiB. A plugin may have 64 requests without
   * a whole response at once; further ones wait. Content that nobody reads for
   * a minute is given up.
   */
  readonly fetch: PluginFetch;
}

/** Sends a request and gives the response. */
export type PluginFetch = (
  input: Fetchable,
  init?: RequestInit,
) => Promise<Response>;

/** What `fetch` takes: what the web's takes, or the request of a hook. */
export type Fetchable = string | URL | Request | {
  readonly method: string;
  readonly url: string | URL;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly bytes?: (
    limits: { readonly limit: number },
  ) => Promise<Uint8Array<ArrayBuffer>>;
};

/** What a plugin can know about the tunnel. */
export interface TunnelFacts {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** As it was requested. */
  readonly name: string;
  /** The proxy that browsers use, as `host:port`. */
  readonly proxy: string;
  /** The user whose tunnel it is. */
  readonly user: string;
  /** What `--metadata` says about it. */
  readonly metadata: Readonly<Record<string, string>>;
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

/** What the hook `request` is given besides its subject. */
export interface ExchangePluginContext<
  Options = unknown,
  State extends object = Record<string, unknown>,
> extends ConnectionPluginContext<Options> {
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
   * members changes this object only, and reading its content fails.
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
