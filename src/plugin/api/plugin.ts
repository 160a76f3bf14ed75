/**
 * How to change what passes through a client: everything a plugin can be told
 * and can ask for. This file is the reference; `plugins/README.md` is the
 * introduction, and the files beside it are plugins to start from.
 *
 * A plugin is a file whose default export `satisfies Plugin`. It imports from
 * here only types, so that it runs beside a compiled program as it is:
 *
 * ```ts
 * import type { Plugin } from "./plugin.ts";
 *
 * const plugin: Plugin = {
 *   request(request) {
 *     if (request.url.hostname !== "shop.test") return;
 *     return { headers: { "X-Tested-By": "sallyport" } };
 *   },
 * };
 * export default plugin;
 * ```
 *
 * Hooks are told what happens and return what is to change; nothing means that
 * all stays as it is. With several plugins, each sees what those before it
 * have changed. Whoever wants to look only, changes nothing and delays
 * nothing: content is never buffered, and never even read, unless a hook asks.
 *
 * Every call has a time budget (5 seconds unless the user says otherwise). A
 * hook that throws, or returns something else than it may, has failed:
 *
 * | hook | when it fails |
 * |---|---|
 * | `setup` | the plugin is not loaded; at the start, the program does not start |
 * | `connect` | that connection is not made: 502 |
 * | `resolve` | the next plugin, or the system, is asked |
 * | `request`, `response` | that exchange is answered with 502, naming the plugin |
 * | content, once it flows | that message is cut short |
 * | `tunnel`, dispose | it is logged |
 *
 * A plugin that fails many times in a row is switched off, with a warning,
 * until its file changes or the program starts anew.
 *
 * @module
 */
import type { PluginContext } from "./context.ts";
import type {
  Answer,
  ReadonlyRequest,
  ReadonlyResponse,
  RequestEdit,
  ResponseEdit,
} from "./messages.ts";

/**
 * What a plugin file exports by default. Everything is optional.
 *
 * @typeParam Options What the plugin is given in the configuration, under its
 * name. Export a schema called `options` (zod, or any other library that
 * follows Standard Schema) beside the plugin and they are checked before
 * `setup`, and completed with its defaults:
 *
 * ```ts
 * import { z } from "zod";
 * import type { Plugin } from "./plugin.ts";
 *
 * export const options: z.ZodType<{ status: number }> = z.object({
 *   status: z.int().default(503),
 * });
 *
 * const plugin: Plugin<{ status: number }> = {
 *   request(_request, { options: { status } }) {
 *     return new Response("Down for maintenance", { status });
 *   },
 * };
 * export default plugin;
 * ```
 */
export interface Plugin<Options = unknown> {
  /**
   * What the plugin is called in logs, metrics and the configuration: 1 to 64
   * letters, digits, `_` and `-`. The name of its file when it is not given.
   */
  readonly name?: string;

  /**
   * Called once, before any other hook. Its time budget is that of the others.
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
  setup?(context: PluginContext<Options>): void | Promise<void>;

  /**
   * Called before a connection to a site is opened: for CONNECT, and for
   * requests that find no open connection to use again. It decides where the
   * connection leads, or that there is none. What is said on it stays the
   * same: the `Host` field, and the name that the certificate must have.
   *
   * ```ts
   * import type { Plugin } from "./plugin.ts";
   *
   * const plugin: Plugin = {
   *   connect({ hostname, port }) {
   *     if (hostname.endsWith(".ads.test")) return { refuse: "no ads" };
   *     if (port === 8443) return { hostname: "127.0.0.1", port: 9443 };
   *   },
   * };
   * export default plugin;
   * ```
   */
  connect?(
    target: ConnectTarget,
    context: PluginContext<Options>,
  ): Answer<ConnectElsewhere | ConnectRefusal>;

  /**
   * Called to find the IP addresses of a name. Nothing, or an empty list,
   * lets the next plugin answer, and in the end the system.
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
    context: PluginContext<Options>,
  ): Answer<readonly string[]>;

  /**
   * Called for every request that can be read: plain HTTP, HTTPS of hosts
   * that are re-signed, and WebSocket handshakes; not for CONNECT. A
   * `Response` answers it at once: later `request` hooks and the site do not
   * see it, `response` hooks do. Its content may be a stream without an end.
   *
   * ```ts
   * import type { Plugin } from "./plugin.ts";
   *
   * const plugin: Plugin = {
   *   request({ method, url }) {
   *     if (url.pathname === "/health") return Response.json({ ok: true });
   *     if (method === "GET") return { host: "staging.test:8080" };
   *   },
   * };
   * export default plugin;
   * ```
   */
  request?(
    request: ReadonlyRequest,
    context: PluginContext<Options>,
  ): Answer<RequestEdit | Response>;

  /**
   * Called for every answer to such a request, whether from the site or from
   * a plugin, before any of its content is read; not for a WebSocket that was
   * opened, nor for error pages of the proxy itself.
   *
   * ```ts
   * import type { Plugin } from "./plugin.ts";
   *
   * const plugin: Plugin = {
   *   response({ headers }) {
   *     if (!headers.get("content-type")?.startsWith("text/html")) return;
   *     return { body: { text: (html) => html.replace("</h1>", "!</h1>") } };
   *   },
   * };
   * export default plugin;
   * ```
   *
   * @param request The request as it was sent, after all edits.
   */
  response?(
    response: ReadonlyResponse,
    request: ReadonlyRequest,
    context: PluginContext<Options>,
  ): Answer<ResponseEdit>;

  /**
   * Called when the tunnel changes its state.
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
    context: PluginContext<Options>,
  ): void | Promise<void>;

  /**
   * Called once at the end: when the program stops, or when the file has
   * changed and the last exchange of the old version is over. The place to
   * close what `setup` opened.
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

/** Where a connection is about to lead. */
export interface ConnectTarget {
  /** A name in lower case, or an IP address; IPv6 without brackets. */
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Lets a connection lead somewhere else; what is left out stays as it is. */
export interface ConnectElsewhere {
  /** A name or an IP address; IPv6 without brackets. */
  readonly hostname?: string;
  /** 1 to 65535. */
  readonly port?: number;
}

/** Lets a connection not be made: the browser gets 403. */
export interface ConnectRefusal {
  /** Why, for the browser and the log: a few words. */
  readonly refuse: string;
}

/** A change in the life of the tunnel. */
export interface TunnelChange {
  /** `ready` means that requests pass. */
  readonly state:
    | "starting"
    | "ready"
    | "reconnecting"
    | "stopping"
    | "stopped";
  /** Known from the first `ready` on. */
  readonly tunnel?: TunnelFacts | undefined;
}

/** What a plugin can know about the tunnel. */
export interface TunnelFacts {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** As it was asked for. */
  readonly name: string;
  /** The proxy that browsers use, as `host:port`. */
  readonly proxy: string;
}
