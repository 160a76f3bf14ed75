import type { Running } from "../../async/running.ts";
import {
  type HttpServerOptions,
  startHttpServer,
} from "../../http_server/http_server.ts";
import type {
  AcceptOptions,
  Acceptor,
  AnyListener,
} from "../../net/listen/acceptor.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import { listenTcp } from "../../net/listen/listen.ts";
import { listenSocket } from "../../net/listen/listen_socket.ts";
import type { TlsIdentity } from "../../net/tls/tls_terminator.ts";
import { behindProxy } from "./behind_proxy.ts";
import {
  fieldSectionSize,
  REQUEST_LIMITS,
} from "../../http1/parse/header_limits.ts";
import { type FetchApp, webHandler } from "./web_handler.ts";

/** How long running responses may take at shutdown, in milliseconds. */
export const SHUTDOWN_GRACE = 5000;

/**
 * What one connection may hold, also before a login. A browser uses one
 * connection for all its tabs, and each live page keeps a stream: the 50 that a
 * user may have leave room for other requests (RFC 9113 §6.5.2 advises at least
 * 100). Content of the REST API is at most 1 MiB.
 */
const HTTP2 = {
  maxConcurrentStreams: 128,
  streamWindow: 64 * 1024,
  connectionWindow: 256 * 1024,
  maxWindow: 1024 * 1024,
} as const;

/** What an application gets with every request; Hono calls it `env`. */
export interface ServeBindings {
  /** IP address of the peer, or of the client that a trusted proxy names. */
  readonly remoteAddress?: string;
  /** Aborted at shutdown: it ends responses without an end of their own, such as event streams. */
  readonly closing?: AbortSignal;
  /** Call it once the peer is authenticated. Other connections are limited in time and number. */
  readonly admit?: () => void;
}

/** Hono's type for an application that {@linkcode serveApp} serves. */
export interface ApiEnv {
  Bindings: ServeBindings;
}

/** What can be served, such as a Hono application. */
export type WebApp = FetchApp<ServeBindings>;

/** Options of serving. Times are in milliseconds. */
export interface ServeOptions extends
  Pick<
    AcceptOptions,
    "limits" | "port" | "loginTimeout" | "silenceTimeout" | "onError"
  >,
  Pick<HttpServerOptions, "headers" | "admittedHttp2"> {
  /** The certificate to serve over TLS with. Default: plain HTTP. */
  readonly identity?: TlsIdentity | undefined;
  /** How long a connection may be idle between requests. Default 1 h. */
  readonly idleTimeout?: number;
  /** How long running responses may take at shutdown. Default 5 s. */
  readonly grace?: number;
  /** Adds to what each connection serves. Default: only the application. */
  readonly around?:
    | ((site: HttpServerOptions["handlerOf"]) => HttpServerOptions["handlerOf"])
    | undefined;
}

/** An application that is being served. Disposing it first lets running responses finish, for a limited time. */
export interface ServedApp extends Running {
  readonly hostname: string;
  readonly port: number;
  /** The URL for a browser on this machine. */
  readonly url: string;
  /** Why it accepts no connections at the moment; `undefined` if it does. */
  readonly trouble: string | undefined;
}

/**
 * Serves `app` on an address, over HTTP/1.1 and, with TLS, HTTP/2.
 *
 * @param address Port 0 for any free port.
 * @throws {ListenError} When the address is in use or not of this machine.
 */
export function serveApp(
  app: WebApp,
  address: Address,
  options: ServeOptions = {},
): ServedApp {
  const { identity } = options;
  const acceptor = accept(app, listenTcp(address), options);
  const { hostname } = address;
  const { port } = acceptor.address;
  return {
    hostname,
    port,
    url: urlOf(identity === undefined ? "http" : "https", { hostname, port }),
    done: acceptor.done,
    get trouble() {
      return acceptor.trouble;
    },
    [Symbol.asyncDispose]: () => acceptor[Symbol.asyncDispose](),
  };
}

/**
 * Serves `app` on a Unix socket that only this user can open. It replaces a socket
 * that an earlier program left, and removes its own at the end.
 *
 * @throws {ListenError} When the path is a file other than a socket, or the folder belongs to another user.
 */
export function serveSocket(
  app: WebApp,
  path: string,
  options: Omit<ServeOptions, "identity"> = {},
): Running {
  const { listener, remove } = listenSocket(path);
  const acceptor = accept(app, listener, options);
  return {
    done: acceptor.done,
    async [Symbol.asyncDispose]() {
      await acceptor[Symbol.asyncDispose]();
      remove();
    },
  };
}

function accept(
  app: WebApp,
  listener: AnyListener,
  { grace = SHUTDOWN_GRACE, around = (site) => site, ...options }: ServeOptions,
): Acceptor {
  const { headerLimits = REQUEST_LIMITS } = options.headers ?? {};
  return startHttpServer(listener, {
    ...options,
    shutdownTimeout: grace,
    http2: { ...HTTP2, maxFieldSectionSize: fieldSectionSize(headerLimits) },
    handlerOf: around((conn, closing) => ({
      handler: behindProxy(
        conn,
        options.limits?.trusted,
        (address) => webHandler(app, bindingsOf(conn, closing, address)),
      ),
    })),
  });
}

function bindingsOf(
  conn: AcceptedConnection,
  closing: AbortSignal,
  address: string,
): ServeBindings {
  return {
    ...address !== "" && { remoteAddress: address },
    closing,
    admit: () => conn.admit(),
  };
}

/** The URL for a browser on this machine. */
function urlOf(
  scheme: "http" | "https",
  { hostname, port }: Address,
): string {
  const isWildcard = hostname === "0.0.0.0" || hostname === "::";
  const address = formatAddress({
    hostname: isWildcard ? "localhost" : hostname,
    port,
  });
  return `${scheme}://${address}/`;
}
