/*
 * Sends what plugins fetch: by the client's own way to sites, and past all
 * plugins. A plugin in a worker reaches only hosts that it has permission for.
 */
import { timer } from "../../async/timer.ts";
import { bytesBody } from "../../http/bytes_body.ts";
import type {
  Body,
  Handler,
  PlainRequest,
  ProxyRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { isHopByHop } from "../../http/hop_by_hop.ts";
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { logger } from "../../log/log.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import { PluginError } from "../api/errors.ts";
import {
  explainPermission,
  type PluginPermissions,
} from "../api/permissions.ts";
import type {
  FailedFetch,
  FetchData,
  FetchOutcome,
} from "../running/fetch_data.ts";
import type { ByteSource } from "../results/outcomes.ts";
import { MAX_FETCHES } from "../running/fetch_line.ts";
import { IDLE_TIMEOUT } from "../running/plugin_fetch.ts";
import { netAccess, netTarget } from "./net_access.ts";

/** How plugins reach sites. */
export interface PluginWay {
  /** Sends a request to its site. `context.ofPlugin` has the name of the plugin: no plugin is asked about it. */
  readonly handler: Handler;
  /** What `handler` has thrown, in words for people. */
  readonly explain: (
    cause: unknown,
    request: ProxyRequest,
  ) => { readonly reason: string; readonly message: string };
}

/** What one plugin sends with. */
export interface PluginSenderOptions {
  /** The plugin. */
  readonly name: string;
  /** Its name in permission rules. */
  readonly rule: string;
  readonly permissions: PluginPermissions;
  readonly way: PluginWay;
  /** How long content may wait for the plugin to read on, in milliseconds. */
  readonly idleTimeout?: number | undefined;
}

/** Bytes that a plugin gets at once: what TLS and HTTP/2 deliver, in few calls. */
const CHUNK = 64 * 1024;

/** Characters of the id of an exchange; ours are shorter. */
const MAX_ID = 64;

/** Codings that `fetch` undoes. */
const ACCEPTED = "gzip, deflate, br";

const log = logger("plugin");

/** Sends the requests of one plugin. */
export class PluginSender {
  readonly #options: PluginSenderOptions;
  readonly #allows: ReturnType<typeof netAccess>;
  #open = 0;

  constructor(options: PluginSenderOptions) {
    const { permissions } = options;
    this.#options = options;
    this.#allows = netAccess(permissions === "trusted" || permissions.net);
  }

  /** As `SendFetch`. It does not trust what it gets: a plugin may have got hold of its worker's end. */
  async send(
    data: FetchData,
    signal: AbortSignal,
    exchangeId: string | undefined,
  ): Promise<FetchOutcome> {
    const { name, rule, way } = this.#options;
    const url = urlOf(data);
    if (url === undefined) return failed("bad_request", "it is not a request");
    if (!this.#allows(url)) {
      const to = netTarget(url);
      return failed(
        "denied_permission",
        explainPermission(
          `Requires net access to "${to}", run again with --allow-net`,
          rule,
        ),
      );
    }
    // Plugins wait for a place where they run.
    if (this.#open >= MAX_FETCHES) {
      return failed("busy", `${MAX_FETCHES} requests of the plugin are open`);
    }
    this.#open += 1;
    const request = requestOf(data, url);
    const id = isId(exchangeId) ? exchangeId : `plugin-${name}`;
    try {
      const response = await way.handler(request, {
        ...{ id, signal, ofPlugin: name },
        inform() {},
      });
      const { status, fields } = response;
      log.debug("plugin fetched", { id, plugin: name, host: url.host, status });
      if (response.kind === "stream") {
        closeQuietly(response.stream);
        this.#open -= 1;
        return failed("bad_response", "it switches protocols");
      }
      const { body } = response;
      if (body === undefined) this.#open -= 1;
      return {
        kind: "response",
        status,
        headers: fields.flat,
        body: body && this.#bodyOf(body, request, signal),
      };
    } catch (cause) {
      this.#open -= 1;
      if (signal.aborted) throw signal.reason;
      const { reason, message } = way.explain(cause, request);
      return failed(reason, message);
    }
  }

  #bodyOf(
    body: Body,
    request: PlainRequest,
    signal: AbortSignal,
  ): ByteSource {
    const { name: plugin, way, idleTimeout = IDLE_TIMEOUT } = this.#options;
    return new SentBody(body, {
      ...{ signal, idleTimeout },
      // Only these errors cross to a worker with their own words.
      failure: (why, cause) => new PluginError("threw", why, { plugin, cause }),
      explain: (cause) => way.explain(cause, request).message,
      onEnd: () => {
        this.#open -= 1;
      },
    });
  }
}

interface SentBodyOptions {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** In milliseconds. */
  readonly idleTimeout: number;
  readonly failure: (why: string, cause?: unknown) => Error;
  /** Why content could not be read, in words. */
  readonly explain: (cause: unknown) => string;
  readonly onEnd: () => void;
}

/** Content of a response that a plugin reads. It is given up when the plugin stops reading. */
class SentBody implements ByteSource {
  readonly #body: Body;
  readonly #options: SentBodyOptions;
  #idle: Disposable | undefined;
  #isReading = false;
  #isOver = false;
  #failure: Error | undefined;

  constructor(body: Body, options: SentBodyOptions) {
    this.#body = body;
    this.#options = options;
    options.signal.addEventListener("abort", this.cancel);
    if (options.signal.aborted) this.cancel();
    else this.#wait();
  }

  async pull(): Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isOver) return undefined;
    if (this.#isReading) throw new TypeError("it is read twice at once");
    this.#isReading = true;
    this.#idle?.[Symbol.dispose]();
    try {
      const chunk = new Uint8Array(CHUNK);
      const count = await this.#body.read(chunk);
      if (count === null) this.#end();
      if (!this.#isOver) this.#wait();
      return count === null ? undefined : chunk.slice(0, count);
    } catch (cause) {
      this.#end();
      const { failure, explain } = this.#options;
      throw failure(explain(cause), cause);
    } finally {
      this.#isReading = false;
    }
  }

  /** Bound: it is a listener, too. */
  readonly cancel = (): void => {
    if (this.#isOver) return;
    this.#end();
    this.#body.cancel();
  };

  #wait(): void {
    const { idleTimeout } = this.#options;
    this.#idle = timer(idleTimeout, () => {
      this.#failure = this.#options.failure(
        `the plugin did not read for ${idleTimeout} ms`,
      );
      this.cancel();
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#idle?.[Symbol.dispose]();
    this.#options.signal.removeEventListener("abort", this.cancel);
    this.#options.onEnd();
  }
}

function failed(reason: string, message: string): FailedFetch {
  return { kind: "failure", reason, message };
}

/** The target, if `data` is a request at all. */
function urlOf({ method, url, headers, body }: FetchData): URL | undefined {
  const isRequest = isText(method) && isToken(method) && method !== "CONNECT" &&
    isText(url) && Array.isArray(headers) && headers.length % 2 === 0 &&
    headers.every(isText) &&
    headers.every((text, at) =>
      at % 2 === 0 ? isToken(text) : isFieldValue(text)
    ) && (body === undefined || body instanceof Uint8Array);
  const target = isRequest ? URL.parse(url) : null;
  const isHttp = target?.protocol === "http:" || target?.protocol === "https:";
  return target !== null && isHttp ? target : undefined;
}

function isId(value: unknown): value is string {
  return isText(value) && value.length <= MAX_ID && isToken(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function requestOf(data: FetchData, url: URL): PlainRequest {
  const { method, headers, body } = data;
  const fields = new Fields();
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    if (isOurs(name)) continue;
    fields.append(name, headers[at + 1] ?? "");
  }
  fields.append("Accept-Encoding", ACCEPTED);
  if (body !== undefined) fields.append("Content-Length", `${body.length}`);
  return {
    kind: "request",
    method,
    scheme: url.protocol === "https:" ? "https" : "http",
    authority: url.host,
    path: url.pathname + url.search,
    fields,
    body: body === undefined ? undefined : bytesBody(body),
  };
}

/** Fields that `fetch` sets itself, and those of a connection. */
function isOurs(name: string): boolean {
  const lower = name.toLowerCase();
  return isHopByHop(name) || lower === "accept-encoding" ||
    lower === "content-length" || lower === "expect";
}
