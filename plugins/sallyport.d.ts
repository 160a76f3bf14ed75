/**
 * How to change what passes through a client: everything that a plugin can see
 * and do. This file is the reference. `plugins/README.md` is the introduction,
 * and the files beside it are plugins to start from.
 *
 * A plugin is a file whose default export `satisfies Plugin`. It imports only
 * types from here, so that it also runs beside a compiled program:
 *
 * ```ts ignore
 * import type { Plugin } from "sallyport";
 *
 * const plugin: Plugin = {
 *   request({ url, headers }) {
 *     if (url.hostname !== "shop.test") return;
 *     headers.set("X-Tested-By", "sallyport");
 *   },
 * };
 * export default plugin;
 * ```
 *
 * Requests and responses are changed in place. With several plugins, each sees
 * the changes of those before it. A hook that only looks delays nothing:
 * content is read only when a hook reads it.
 *
 * Every call has a time limit, 5 seconds by default. Waiting for content that a
 * hook reads does not count. A hook that throws, or returns an invalid result,
 * has failed:
 *
 * | hook | when it fails |
 * |---|---|
 * | `setup` | the plugin is not loaded; at the start, the program does not start |
 * | `connect` | that connection is not made: 502 |
 * | `resolve` | the next plugin is called, or the system resolver |
 * | `request`, `response` | that request ends with 502, naming the plugin |
 * | `message` | that WebSocket is closed with 1011, naming the plugin |
 * | content, once it flows | that message is reset, and never looks complete |
 * | `tunnel`, dispose | the failure is logged |
 *
 * With `on-failure: skip` in the configuration, the request passes instead as
 * if the plugin were not there. A plugin stays in use however often it fails.
 */

/** The options that a schema returns, or the type itself if it is not a schema. */
export type OptionsOf<Options> = Options extends {
  readonly "~standard": { readonly types?: infer Types };
} ? NonNullable<Types> extends { readonly output: infer Output } ? Output
  : unknown
  : Options;

/**
 * What a plugin file exports by default. Everything is optional.
 *
 * @typeParam Options The plugin's options: what the configuration has under its
 * name. Export a schema called `options` beside the plugin to have them checked
 * before `setup` and completed with defaults. The schema comes from zod, or any
 * other library that follows Standard Schema, and its type is enough here:
 *
 * ```ts ignore
 * import { z } from "zod";
 * import type { Plugin } from "sallyport";
 *
 * export const options: z.ZodType<{ status: number }> = z.object({
 *   status: z.int().default(503),
 * });
 *
 * const plugin: Plugin<typeof options> = {
 *   request(_request, { options: { status } }) {
 *     return new Response("Down for maintenance", { status });
 *   },
 * };
 * export default plugin;
 * ```
 *
 * @typeParam State What the hooks of one request share as `context.state`.
 */
export interface Plugin<
  Options = unknown,
  State extends object = Record<string, unknown>,
> {
  /**
   * The name of the plugin in logs, metrics and the configuration: 1 to 64
   * letters, digits, `_` and `-`. By default, the name of its file.
   */
  readonly name?: string;

  /**
   * Which requests the hooks `request` and `response` get; all by default. The
   * program compares it before it calls the plugin: other requests cost nothing.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const plugin: Plugin = {
   *   match: { host: "*.shop.test", path: "/users/:id", method: "GET" },
   *   request: () => Response.json({ name: "Ada" }),
   * };
   * export default plugin;
   * ```
   */
  readonly match?: Match | readonly Match[];

  /**
   * Called once, before any other hook. It has the time limit of all hooks.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * let startedAt = 0;
   *
   * const plugin: Plugin = {
   *   setup({ log }) {
   *     startedAt = Date.now();
   *     log.info("set up", { startedAt });
   *   },
   * };
   * export default plugin;
   * ```
   */
  setup?(context: PluginContext<OptionsOf<Options>>): void | Promise<void>;

  /**
   * Called once for each request and each CONNECT, to decide where its
   * connection leads. It may change the address, choose the upstream proxy, or
   * refuse. The `Host` field and the name that the certificate must have stay
   * the same. A kept connection is used again only for the same decision.
   *
   * It decides before `--proxy` and the PAC script. The rules of the client
   * still hold for what it decides: `--deny-domains`, `--proxy-localhost`,
   * `--allow-private-metadata`.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const plugin: Plugin = {
   *   connect({ hostname, port }, { job }) {
   *     if (hostname.endsWith(".ads.test")) return { refuse: "no ads" };
   *     if (port === 8443) return { hostname: "127.0.0.1", port: 9443 };
   *     if (job === "de") return { proxy: "http://proxy.test:3128" };
   *   },
   * };
   * export default plugin;
   * ```
   */
  connect?(
    target: ConnectTarget,
    context: ConnectionPluginContext<OptionsOf<Options>>,
  ): Answer<ConnectElsewhere | ConnectRefusal>;

  /**
   * Called once for each request and each CONNECT, to find the IP addresses of
   * the host that its connection leads to. When it returns nothing or an empty
   * list, later plugins are called, and finally the system resolver. It is not
   * called where an upstream proxy finds the name, nor for names of proxies.
   *
   * The first address that responds gets the request. A kept connection is used
   * again only while the list stays the same: return it in another order, and
   * the next request goes elsewhere.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const plugin: Plugin = {
   *   resolve(hostname) {
   *     if (hostname.endsWith(".local.test")) return ["127.0.0.1"];
   *   },
   * };
   * export default plugin;
   * ```
   *
   * @param hostname In lower case.
   */
  resolve?(
    hostname: string,
    context: ConnectionPluginContext<OptionsOf<Options>>,
  ): Answer<readonly string[]>;

  /**
   * Called for every request that can be read: plain HTTP, HTTPS of hosts that
   * are re-signed, and WebSocket handshakes. It is not called for CONNECT. A
   * returned `Response` is sent at once: later `request` hooks and the site do
   * not see the request, `response` hooks do. Its content may be an endless
   * stream.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const plugin: Plugin = {
   *   async request(request) {
   *     const { method, url, headers } = request;
   *     if (url.pathname === "/health") return Response.json({ ok: true });
   *     url.searchParams.set("test", "1");
   *     headers.delete("X-Debug");
   *     if (method !== "POST") return;
   *     const order = await request.json<{ items: string[] }>();
   *     request.body = JSON.stringify({ ...order, isTest: true });
   *   },
   * };
   * export default plugin;
   * ```
   */
  request?(
    request: EditableRequest,
    context: ExchangePluginContext<OptionsOf<Options>, State>,
  ): Answer<Response>;

  /**
   * Called for every response to such a request, from the site or from a
   * plugin, before any of its content is read. It is not called for an opened
   * WebSocket, nor for error pages of the proxy itself. A returned `Response`
   * replaces the response.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const plugin: Plugin = {
   *   async response(response, { request, log }) {
   *     log.debug("seen", { status: response.status, method: request.method });
   *     if (!response.headers.get("content-type")?.startsWith("text/html")) {
   *       return;
   *     }
   *     response.body = (await response.text()).replace("</h1>", "!</h1>");
   *   },
   * };
   * export default plugin;
   * ```
   */
  response?(
    response: EditableResponse,
    context: ResponsePluginContext<OptionsOf<Options>, State>,
  ): Answer<Response>;

  /**
   * Called for every message of a WebSocket, in both directions and in order:
   * of `ws:`, and of `wss:` to hosts that are re-signed. It gets the WebSockets
   * whose handshake `match` accepts. A message that it drops does not arrive.
   *
   * Messages have at most 16 MiB. The next message of the same direction waits
   * until the hook has returned. Pings, pongs and closes pass by themselves.
   * WebSockets of no plugin with this hook pass as bytes, and cost nothing.
   *
   * A `request` hook that returns a `Response` with status 200 to a handshake
   * opens the WebSocket without a site. Its content, of at most 1 MiB, is the
   * first message: a text if its type is text or JSON, else bytes. Then this
   * hook answers with `message.send()`.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const plugin: Plugin = {
   *   match: { host: "chat.test" },
   *   message(message) {
   *     if (typeof message.data !== "string") return;
   *     if (message.data.includes('"type":"ad"')) return "drop";
   *     if (message.from === "browser" && message.data === "ping") {
   *       message.send("browser", "pong");
   *       return "drop";
   *     }
   *     message.data = message.data.replaceAll("EUR", "USD");
   *   },
   * };
   * export default plugin;
   * ```
   */
  message?(
    message: SocketMessage,
    context: ResponsePluginContext<OptionsOf<Options>, State>,
  ): Answer<"drop">;

  /**
   * Called when the state of the tunnel changes.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const plugin: Plugin = {
   *   tunnel({ state, tunnel }, { log }) {
   *     if (state === "ready") log.info("open for tests", { ...tunnel });
   *   },
   * };
   * export default plugin;
   * ```
   */
  tunnel?(
    event: TunnelChange,
    context: PluginContext<OptionsOf<Options>>,
  ): void | Promise<void>;

  /**
   * Called once at the end: when the program stops, or when the file has
   * changed and the last request of the old version has ended. Close here what
   * `setup` opened.
   *
   * ```ts ignore
   * import type { Plugin } from "sallyport";
   *
   * const seen = new Set<string>();
   *
   * const plugin: Plugin = {
   *   request: ({ url }) => void seen.add(url.hostname),
   *   async [Symbol.asyncDispose]() {
   *     await Promise.resolve(seen.clear());
   *   },
   * };
   * export default plugin;
   * ```
   */
  [Symbol.asyncDispose]?(): void | Promise<void>;
}

/** Where a request is to go. */
export interface ConnectTarget {
  /** A name in lower case, or an IP address; IPv6 without brackets. */
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
  /** `tunnel` for CONNECT, whose bytes pass unread: HTTPS that is not opened. */
  readonly kind: "request" | "tunnel";
}

/** Another way for a request. Parts that are left out stay as they are. */
export interface ConnectElsewhere {
  /** A name or an IP address; IPv6 without brackets. */
  readonly hostname?: string;
  /** 1 to 65535. */
  readonly port?: number;
  /**
   * The upstream proxy, as a URL that `--proxy` takes:
   * `http://user:password@host:port`, `https://…` or `socks5://…`; or `direct`
   * for none. The proxy finds the
   * addresses of sites. Its own address must be one that sites may have.
   */
  readonly proxy?: string;
}

/** Refuses a connection: the browser gets 403. */
export interface ConnectRefusal {
  /** The reason in a few words, for the browser and the log. */
  readonly refuse: string;
}

/** A change of the tunnel's state. */
export interface TunnelChange {
  /** `ready` means that requests pass. */
  readonly state:
    | "starting"
    | "ready"
    | "reconnecting"
    | "stopping"
    | "stopped";
  /** Present from the first `ready` on. */
  readonly tunnel?: TunnelFacts | undefined;
}

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

/**
 * Which requests the `request` and `response` hooks of a plugin get. Every part
 * that is there must match; of a list, one pattern. Parts are compared with the
 * request as the browser sent it, before the edits of plugins.
 *
 * In a pattern `*` stands for any text, also none. In a path `:name` stands for
 * one whole segment: `/users/:id`.
 */
export interface Match {
  /** Host names without a port; case does not count: `*.shop.test`. */
  readonly host?: string | readonly string[];
  /** Paths without the query: `/api/*`. */
  readonly path?: string | readonly string[];
  /** Methods; case counts (RFC 9110 §9.1). */
  readonly method?: string | readonly string[];
  /** Test jobs. A request without a job matches no pattern. */
  readonly job?: string | readonly string[];
}

/** What a hook may return: a result, now or later, or nothing. */
export type Answer<T> = T | undefined | void | Promise<T | undefined | void>;

/**
 * The fields of a message: the web's `Headers`, and what HTTP has besides.
 * Look-ups ignore case. Fields that a hook leaves alone keep their order, their
 * case and their repeats on the wire.
 *
 * `Content-Length`, `Transfer-Encoding`, `Connection` and other fields of one
 * connection cannot be changed: the proxy sets them.
 */
export interface MessageHeaders
  extends Iterable<[name: string, value: string]> {
  /** The values of all lines called `name`, joined by `, `; `null` without any. */
  get(name: string): string | null;
  /** The values of all lines called `name`, in order. */
  getAll(name: string): string[];
  /** The values of all `Set-Cookie` lines. */
  getSetCookie(): string[];
  /** Whether there is a line called `name`. */
  has(name: string): boolean;
  /** Replaces the first line called `name` where it stands and removes the others, or adds one at the end. */
  set(name: string, value: string): void;
  /** Adds a line at the end. */
  append(name: string, value: string): void;
  /** Removes all lines called `name`. */
  delete(name: string): void;
  /** Calls `callback` with each name and its joined values, as `entries()` has them. */
  forEach(
    callback: (value: string, name: string, headers: MessageHeaders) => void,
    thisArg?: unknown,
  ): void;
  /** Names in lower case, sorted, with their joined values. Each `Set-Cookie` line stands alone. */
  entries(): IterableIterator<[name: string, value: string]>;
  /** The names of `entries()`. */
  keys(): IterableIterator<string>;
  /** The values of `entries()`. */
  values(): IterableIterator<string>;
  /** Each line as it is on the wire, in order. */
  lines(): [name: string, value: string][];
}

/** Fields to replace all others with. Those of one connection are left out. */
export type HeadersLike =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string>>;

/** How much of a body a hook reads. */
export interface ReadLimits {
  /** In bytes, both before and after decompression. 1 MiB by default, 64 MiB at most. */
  readonly limit?: number;
}

/** New content: text in UTF-8, bytes, a stream of bytes, or `null` for none. */
export type NewBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | null;

/** What requests and responses have in common. */
export type EditableMessage = {
  /** Its fields. Assign `new Headers(…)`, a record or pairs to replace all of them. */
  get headers(): MessageHeaders;
  set headers(fields: HeadersLike);

  /**
   * The content as a stream, decompressed, or `null` without any. Assign other
   * content to replace it, mostly the stream itself with a change in between:
   *
   * ```ts ignore
   * import type { EditableResponse } from "sallyport";
   *
   * function upperCase(response: EditableResponse): void {
   *   if (response.body === null) return;
   *   response.body = response.body
   *     .pipeThrough(new TextDecoderStream())
   *     .pipeThrough(
   *       new TransformStream<string, string>({
   *         transform: (text, out) => out.enqueue(text.toUpperCase()),
   *       }),
   *     )
   *     .pipeThrough(new TextEncoderStream());
   * }
   * ```
   *
   * Content that no hook touches passes as it was sent, compressed or not, and
   * is not read ahead. New content has no `Content-Encoding`, unless the hook
   * sets one afterwards. Text is sent as UTF-8.
   *
   * A body that breaks, by an error or because it makes no progress for 30 s,
   * is reset: the receiver never takes the rest for the end.
   */
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null;
  set body(content: NewBody);

  /**
   * Reads all content as text: decompressed (gzip, deflate, br, zstd), decoded
   * with the charset of its `Content-Type` (UTF-8 by default). It still passes
   * on unchanged.
   *
   * @throws {TypeError} When it is longer than the limit, or cannot be decoded.
   */
  text(limits?: ReadLimits): Promise<string>;
  /** Reads all content as JSON, like `text()`. */
  json<T = unknown>(limits?: ReadLimits): Promise<T>;
  /** Reads all content as bytes, decompressed, like `text()`. */
  bytes(limits?: ReadLimits): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * The fields after the content, once it has been read to its end. Most
   * messages have none. They also follow content that replaces what was read.
   */
  readonly trailers: MessageHeaders | undefined;
};

/** A request. What a hook assigns goes to the next plugin, and to the site. */
export type EditableRequest = EditableMessage & {
  /** As it was sent: in upper case for all standard methods. Not changed for upgrade requests. */
  method: string;
  /**
   * The absolute URL. Change a part of it, or assign another one: a `URL`, or
   * a text that is resolved against it. `Host` follows, except when the hook
   * sets it.
   */
  get url(): URL;
  set url(url: string | URL);
  /** The protocol of the `Upgrade` field, mostly `websocket`. `undefined` for ordinary requests. */
  readonly upgrade: string | undefined;
};

/** A response. What a hook assigns goes to the next plugin, and to the browser. */
export type EditableResponse = EditableMessage & {
  /** 200 to 999 as it was sent; 200 to 599 can be assigned. */
  status: number;
};

/** One end of a WebSocket. */
export type SocketEnd = "browser" | "site";

/** What a WebSocket message has: a text, or bytes. */
export type SocketData = string | Uint8Array;

/** A message of a WebSocket, on its way from one end to the other. */
export interface SocketMessage {
  /** Who has sent it. */
  readonly from: SocketEnd;
  /** A text, or bytes. Assign another value, or change the bytes, to change what arrives. */
  data: SocketData;
  /**
   * Sends one more message, before this one arrives. To who has sent this one,
   * it is an answer. Other plugins do not see it.
   *
   * @throws {TypeError} When the hook has returned.
   */
  send(to: SocketEnd, data: SocketData): void;
}
