/**
 * How to change what passes through a client: everything that a plugin can see
 * and do. This file is the reference. `plugins/README.md` is the introduction,
 * and the files beside it are plugins to start from.
 *
 * A plugin is a file whose default export `satisfies Plugin`. It imports only
 * types from here, so that it also runs beside a compiled program:
 *
 * ```ts
 * import type { Plugin } from "./plugin.ts";
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
import type {
  ConnectionPluginContext,
  ExchangePluginContext,
  PluginContext,
  ResponsePluginContext,
  TunnelFacts,
} from "./context.ts";
import type { Match } from "./match.ts";
import type { Answer, EditableRequest, EditableResponse } from "./messages.ts";
import type { SocketMessage } from "./socket_message.ts";

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
 * ```ts
 * import { z } from "zod";
 * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
   * ```ts
   * import type { Plugin } from "./plugin.ts";
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
