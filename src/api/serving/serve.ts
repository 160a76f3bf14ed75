import type { Running } from "../../async/running.ts";
import { startHttpServer } from "../../http_server/http_server.ts";
import type {
  AcceptOptions,
  Acceptor,
  AnyListener,
} from "../../net/listen/acceptor.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import { listenTcp } from "../../net/listen/listen.ts";
import { listenSocket } from "../../net/listen/listen_socket.ts";
import { type TlsIdentity, tlsIdentity } from "../../net/tls/tls_terminator.ts";
import { type FetchApp, webHandler } from "./web_handler.ts";

/** How long answers may still take when the application ends, in milliseconds. */
export const GRACE = 5000;

/**
 * What one connection may hold, also before a login: a browser asks for less at
 * once, and content of the REST API is at most 1 MiB.
 */
const HTTP2 = {
  maxConcurrentStreams: 32,
  streamWindow: 64 * 1024,
  connectionWindow: 256 * 1024,
  maxWindow: 1024 * 1024,
} as const;

/** What an application is given with every request; Hono calls it `env`. */
export interface ServeBindings {
  /** IP address of the peer. */
  readonly remoteAddress?: string;
  /** Aborted when the application ends: answers without an end of their own, like event streams, end then. */
  readonly closing?: AbortSignal;
  /** To be called once the peer has shown that it may be here; connections that have not are bounded in time and number. */
  readonly admit?: () => void;
}

/** Hono's type for an application that {@linkcode serveApp} serves. */
export interface ApiEnv {
  Bindings: ServeBindings;
}

/** What can be served, such as a Hono application. */
export type WebApp = FetchApp<ServeBindings>;

/** How an application is served. Times are in milliseconds. */
export interface ServeOptions extends
  Pick<
    AcceptOptions,
    "limits" | "port" | "loginTimeout" | "silenceTimeout" | "onError"
  > {
  /** With them it is served over TLS. A certificate chain and its key, both PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** How long a connection may wait for its next request. Default 1 h. */
  readonly idleTimeout?: number;
  /** How long answers may take when the application ends. Default 5 s. */
  readonly grace?: number;
}

/** An application that is being served. Disposing it lets answers finish, for a while. */
export interface ServedApp extends Running {
  readonly hostname: string;
  readonly port: number;
  /** As a browser on this machine would open it. */
  readonly url: string;
}

/**
 * Serves `app` on an address, by HTTP/1.1 and, over TLS, HTTP/2.
 *
 * @param address Port 0 for any free port.
 * @throws {ListenError} When the address is taken or not ours.
 */
export function serveApp(
  app: WebApp,
  address: Address,
  options: ServeOptions = {},
): ServedApp {
  const identity = options.tls && tlsIdentity(options.tls);
  const acceptor = accept(app, listenTcp(address), { ...options, identity });
  const { hostname } = address;
  const { port } = acceptor.address;
  return {
    hostname,
    port,
    url: urlOf(identity === undefined ? "http" : "https", { hostname, port }),
    done: acceptor.done,
    [Symbol.asyncDispose]: () => acceptor[Symbol.asyncDispose](),
  };
}

/**
 * Serves `app` on a Unix socket that only this user can open. What an earlier
 * program has left there is removed, and the socket again in the end.
 *
 * @throws {ListenError} When there is a file that is no socket, or the folder is not ours.
 */
export function serveSocket(
  app: WebApp,
  path: string,
  options: Omit<ServeOptions, "tls"> = {},
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
  { grace = GRACE, tls: _tls, ...options }: ServeOptions & {
    readonly identity?: TlsIdentity | undefined;
  },
): Acceptor {
  return startHttpServer(listener, {
    ...options,
    shutdownTimeout: grace,
    http2: HTTP2,
    handlerOf: (conn, closing) => ({
      handler: webHandler(app, bindingsOf(conn, closing)),
    }),
  });
}

function bindingsOf(
  conn: AcceptedConnection,
  closing: AbortSignal,
): ServeBindings {
  return {
    ...conn.address !== "" && { remoteAddress: conn.address },
    closing,
    admit: () => conn.admit(),
  };
}

/** As a browser on this machine would open it. */
function urlOf(
  scheme: "http" | "https",
  { hostname, port }: Address,
): string {
  const isEverywhere = hostname === "0.0.0.0" || hostname === "::";
  const address = formatAddress({
    hostname: isEverywhere ? "localhost" : hostname,
    port,
  });
  return `${scheme}://${address}/`;
}
