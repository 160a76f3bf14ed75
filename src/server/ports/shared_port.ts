/**
 * One TLS port for all: REST API and page, the connections of clients, and the
 * proxy for browsers over HTTP/1.1 and HTTP/2. The form of each request says
 * which of them it is for (`addressee.ts`).
 */
import { timer } from "../../async/timer.ts";
import { textBody } from "../../http/bytes_body.ts";
import type {
  Handler,
  PlainResponse,
  ProxyRequest,
  UpgradeRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { TakeOver } from "../../http1/server/serve.ts";
import type {
  ConnectionHandler,
  HttpServerOptions,
} from "../../http_server/http_server.ts";
import type { RaisedLimits } from "../../http2/api.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import type { Address } from "../../net/address/address.ts";
import type { ProxyAddress } from "../../net/address/proxy_address.ts";
import type { TrustedProxies } from "../../net/listen/trusted_proxies.ts";
import { tunnelIdOf, UPGRADE_TOKEN } from "../../tunnel/protocol.ts";
import { checkUpgrade } from "../../tunnel/upgrade.ts";
import { isForPac, pacFile } from "../proxy/pac_response.ts";
import type { ServeUpgrade } from "../tunnels/tunnel_server.ts";
import { addresseeOf, type Dialled } from "./addressee.ts";

type HandlerOf = HttpServerOptions["handlerOf"];

/** What the port serves besides the site. */
export interface SharedPortOptions {
  /** Handles browsers; `undefined` if this port is not a proxy. */
  readonly proxy: HandlerOf | undefined;
  /** Serves the sessions of clients; `undefined` if they have a port of their own. */
  readonly sessions: ServeUpgrade | undefined;
  /** Where people reach the site, if an option has it. */
  readonly external?: Address | undefined;
  /** The proxy that a PAC file names for who reaches this port as `host:port`. */
  readonly pacProxy: (authority: string) => ProxyAddress;
  /** The proxies before this server. Default none. */
  readonly trusted?: TrustedProxies | undefined;
  /** How long requests and sessions may take to end, in milliseconds. Default 30 s. */
  readonly shutdownTimeout?: number | undefined;
}

/**
 * What one HTTP/2 connection of a browser may hold after its login. Chromium
 * puts all its CONNECTs on one, at most 99 and as many WebSockets; uploads over
 * long lines need large windows, as on the sessions of tunnels.
 */
export const BROWSER_LIMITS: RaisedLimits = {
  maxConcurrentStreams: 256,
  maxWindow: 16 * 1024 * 1024,
};

/** At the end, connections without a login have this long, in milliseconds. */
const PENDING_GRACE = 1_000;
const SHUTDOWN_TIMEOUT = 30_000;

/** One connection to the port. */
interface SharedConnection {
  readonly conn: AcceptedConnection;
  /** Ends it in order. */
  readonly ending: AbortController;
  readonly ended: PromiseWithResolvers<void>;
  /** Whether it carries a session, or requests for the proxy. */
  isTraffic: boolean;
}

/**
 * Serves tunnels and browsers on the port of the site. Disposing ends these, and
 * waits for their requests; the site stays until its own port closes.
 */
export class SharedPort implements AsyncDisposable {
  readonly #options: SharedPortOptions;
  readonly #draining = new AbortController();
  readonly #open = new Set<SharedConnection>();
  #stopping: AbortSignal | undefined;

  constructor(options: SharedPortOptions) {
    this.#options = options;
  }

  /** Adds the proxy and the tunnels to what each connection to the site has. */
  readonly around = (site: HandlerOf): HandlerOf => {
    return (conn, stopping, tls) => {
      const shared = this.#enter(conn, stopping);
      const { signal } = shared.ending;
      const own = site(conn, stopping, tls);
      const proxy = this.#options.proxy?.(conn, signal, tls);
      const { localAddress } = conn;
      const dialled = { serverName: tls?.serverName, localAddress };
      return {
        ending: signal,
        takeOver: (request) => this.#takeOver(request, shared),
        handler: this.#handler({ shared, dialled, site: own, proxy }),
        onEnd: () => {
          own.onEnd?.();
          proxy?.onEnd?.();
          this.#open.delete(shared);
          shared.ended.resolve();
        },
      };
    };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining.abort(
      new DOMException("The server is stopping", "AbortError"),
    );
    const busy = [...this.#open].filter(({ isTraffic }) => isTraffic);
    for (const { ending } of busy) ending.abort();
    const { shutdownTimeout = SHUTDOWN_TIMEOUT } = this.#options;
    const grace = Math.min(PENDING_GRACE, shutdownTimeout);
    using _cut = timer(shutdownTimeout, () => {
      for (const { conn } of busy) conn.close();
    });
    using _early = timer(grace, () => {
      for (const { conn } of busy) if (!conn.isAdmitted) conn.close();
    });
    await Promise.all(busy.map(({ ended }) => ended.promise));
  }

  #enter(conn: AcceptedConnection, stopping: AbortSignal): SharedConnection {
    const shared: SharedConnection = {
      conn,
      ending: new AbortController(),
      ended: Promise.withResolvers(),
      isTraffic: false,
    };
    this.#open.add(shared);
    if (this.#stopping === undefined) {
      this.#stopping = stopping;
      stopping.addEventListener("abort", () => this.#endAll());
    }
    if (stopping.aborted) shared.ending.abort();
    return shared;
  }

  #endAll(): void {
    for (const { ending } of this.#open) ending.abort();
  }

  #handler({ shared, dialled, site, proxy }: {
    readonly shared: SharedConnection;
    readonly dialled: Dialled;
    readonly site: ConnectionHandler;
    readonly proxy: ConnectionHandler | undefined;
  }): Handler {
    const { external, pacProxy, trusted } = this.#options;
    const isBare = trusted?.endTls === true && !shared.conn.isProxied;
    return async (request, context) => {
      const addressee = addresseeOf(request, dialled, external);
      switch (addressee) {
        case "site":
          return isForPac(request)
            ? pacFile(pacProxy(request.authority))
            : await site.handler(request, context);
        case "proxy":
          if (proxy === undefined) return shortReply(request, NO_PROXY);
          // Failed logins would count for all who come through that proxy.
          if (shared.conn.isOfProxy) return shortReply(request, PROXIED);
          if (isBare) return shortReply(request, NEEDS_TLS);
          if (this.#isDraining) return shortReply(request, STOPPING);
          shared.isTraffic = true;
          return await proxy.handler(request, context);
        case "other":
          return shortReply(request, MISDIRECTED);
        default:
          return addressee satisfies never;
      }
    };
  }

  #takeOver(
    request: UpgradeRequest,
    shared: SharedConnection,
  ): ReturnType<TakeOver> {
    const { method, path: target, protocol, fields, isOriginForm } = request;
    const isClient = protocol.toLowerCase() === UPGRADE_TOKEN ||
      tunnelIdOf(target) !== undefined;
    if (isOriginForm !== true || !isClient) return undefined;
    const { sessions } = this.#options;
    return async (stream) => {
      const head = { method, target, protocol, fields };
      const upgrade = await checkUpgrade(stream, head);
      if (upgrade === undefined) return;
      if (sessions === undefined) return await upgrade.refuse(404, NO_TUNNELS);
      if (this.#isDraining) return await upgrade.refuse(503, STOPPING.text);
      shared.isTraffic = true;
      const { conn } = shared;
      const { signal } = this.#draining;
      await sessions(upgrade, { conn, signal });
    };
  }

  get #isDraining(): boolean {
    return this.#draining.signal.aborted;
  }
}

/** A response of one line. */
interface ShortReply {
  readonly status: number;
  readonly text: string;
  readonly fields?: readonly string[];
}

const NO_TUNNELS =
  "This port takes no clients: they have another one, which the reply to the start of a tunnel names";
const NO_PROXY: ShortReply = {
  status: 421,
  text: "This port is no proxy (server option --https-proxy)",
};
const PROXIED: ShortReply = {
  status: 421,
  text: "This port is no proxy for requests that come through another one: " +
    "pass its connections on as they are, with a PROXY header",
};
/** Credentials do not cross a network in clear. */
const NEEDS_TLS: ShortReply = {
  status: 403,
  text: "This port speaks without TLS to trusted proxies only: use the " +
    "address of the proxy, or see --trusted-proxies",
};
const STOPPING: ShortReply = {
  status: 503,
  text: "The server is stopping, try again in a few seconds",
  fields: ["Retry-After", "5"],
};
/** RFC 9110 §15.5.20: the browser repeats it on a connection of its own. */
const MISDIRECTED: ShortReply = {
  status: 421,
  text: "This connection is for another host, open a new one. " +
    "A proxy gets https requests by CONNECT",
};

function shortReply(
  { method }: ProxyRequest,
  { status, text, fields = [] }: ShortReply,
): PlainResponse {
  const body = textBody(`${text}\n`);
  return {
    kind: "response",
    status,
    fields: new Fields([
      ...["Content-Type", "text/plain; charset=utf-8"],
      ...["Content-Length", String(body.length)],
      ...fields,
    ]),
    body: method === "HEAD" ? undefined : body,
  };
}
