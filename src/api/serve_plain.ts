/**
 * A web application without TLS, on an address or a Unix socket, by HTTP/1.1 as
 * this program speaks it: Deno's own server puts no bounds on how long a
 * connection may idle or a head may take.
 *
 * @module
 */
import type { Running } from "../async/running.ts";
import { serveHttp1 } from "../http1/serve.ts";
import { Acceptor, type AnyListener } from "../net/accept.ts";
import type { Address } from "../net/address.ts";
import { listenTcp } from "../net/listen.ts";
import { listenSocket } from "../net/listen_socket.ts";
import { GRACE, type ServedApp, urlOf, type WebApp } from "./serve.ts";
import { webHandler } from "./web_handler.ts";

/** How connections are served. Times are in milliseconds. */
export interface ServePlainOptions {
  /** How long one may wait for its next request; 1 h. */
  readonly idleTimeout?: number;
  /** How long answers under way may take when the application ends; 5 s. */
  readonly grace?: number;
}

/**
 * Serves `app` on an address.
 *
 * @throws {ListenError} When it is taken or not ours.
 */
export function servePlain(
  app: WebApp,
  address: Address,
  options: ServePlainOptions = {},
): ServedApp {
  const acceptor = accept(app, listenTcp(address), options);
  const { hostname } = address;
  const { port } = acceptor.address;
  return {
    hostname,
    port,
    url: urlOf("http", { hostname, port }),
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
  options: ServePlainOptions = {},
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
  { idleTimeout = 3_600_000, grace = GRACE }: ServePlainOptions,
): Acceptor {
  return new Acceptor(listener, {
    shutdownTimeout: grace,
    async serve(conn, signal) {
      const { remoteAddr } = conn;
      const handler = webHandler(app, {
        ...("hostname" in remoteAddr && {
          remoteAddress: remoteAddr.hostname,
        }),
        closing: signal,
      });
      await serveHttp1(conn, handler, { signal, idleTimeout });
    },
  });
}
