/**
 * A web application on an address, for as long as it is wanted.
 *
 * @module
 */
import type { Running } from "../async/running.ts";
import { timer } from "../async/timer.ts";
import { formatAddress } from "../net/address.ts";
import { opened, openedAt } from "../net/listen.ts";

/** How long answers under way may still take when the application ends, in milliseconds. */
const GRACE = 5000;

/** Whoever can open the socket can read the status. */
const OWNER_ONLY = 0o600;

/** What an application is told with every request; Hono calls it `env`. */
export interface ServeBindings {
  /** Who asks: an IP address. */
  readonly remoteAddress?: string;
  /** Aborted when the application ends: answers without an end of their own, like event streams, end then. */
  readonly closing?: AbortSignal;
}

/** Hono's type for an application that {@linkcode serveApp} serves. */
export interface ApiEnv {
  Bindings: ServeBindings;
}

/** What can be served: a Hono application, for one. */
export interface WebApp {
  fetch(
    request: Request,
    bindings: ServeBindings,
  ): Response | Promise<Response>;
}

/** Where and how to serve. */
export interface ServeOptions {
  readonly hostname: string;
  /** 0 for any free port. */
  readonly port: number;
  /** A certificate chain and its key, both PEM; plain HTTP without. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** How long answers under way may take at the end, in milliseconds. */
  readonly grace?: number;
}

/** An application that is being served. Disposing it lets answers under way finish, for a while. */
export interface ServedApp extends Running {
  readonly hostname: string;
  readonly port: number;
  /** As a browser on this machine would open it. */
  readonly url: string;
}

/**
 * Serves `app`, by HTTP/1.1 and, with TLS, HTTP/2.
 *
 * @throws {ListenError} When the address is taken or not ours.
 */
export function serveApp(
  app: WebApp,
  { hostname, port, tls, grace = GRACE }: ServeOptions,
): ServedApp {
  const { server, ...running } = keepServing(
    app,
    (signal, answer) => listen({ hostname, port, tls, signal }, answer),
    grace,
  );
  return {
    ...running,
    hostname,
    port: server.addr.port,
    url: urlOf(hostname, server.addr.port, tls !== undefined),
  };
}

/**
 * Serves `app` on a Unix socket that only this user can open. What an earlier
 * program has left there is removed, and the socket again in the end.
 *
 * @throws {ListenError} When there is a file that is no socket, or the folder is not ours.
 */
export function serveSocket(app: WebApp, path: string): Running {
  const { done, ...running } = keepServing(
    app,
    (signal, answer) =>
      openedAt(path, () => {
        removeSocket(path);
        const options = { path, signal, onListen() {} };
        const server = Deno.serve(options, answer);
        Deno.chmodSync(path, OWNER_ONLY);
        return server;
      }),
    GRACE,
  );
  return {
    done,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      removeSocket(path);
    },
  };
}

/** Never removes a file that somebody may still want. */
function removeSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}

/** Answers until it is disposed; then what is under way still has `grace` milliseconds. */
function keepServing<A extends Deno.Addr>(
  app: WebApp,
  open: (signal: AbortSignal, answer: Answer) => Deno.HttpServer<A>,
  grace: number,
): Running & { readonly server: Deno.HttpServer<A> } {
  const closing = new AbortController();
  const cut = new AbortController();
  const answers = new Set<Promise<void>>();
  const server = open(cut.signal, answer);
  let stopped: Promise<void> | undefined;
  return {
    server,
    done: server.finished,
    [Symbol.asyncDispose]: () => stopped ??= stop(),
  };

  function answer(
    request: Request,
    { remoteAddr, completed }: Deno.ServeHandlerInfo<Deno.Addr>,
  ): Response | Promise<Response> {
    if (closing.signal.aborted) return goingAway();
    const over = completed.then(forget, forget);
    answers.add(over);
    return app.fetch(request, {
      ...("hostname" in remoteAddr && { remoteAddress: remoteAddr.hostname }),
      closing: closing.signal,
    });

    function forget(): void {
      answers.delete(over);
    }
  }

  async function stop(): Promise<void> {
    closing.abort();
    const late = Promise.withResolvers<void>();
    using _late = timer(grace, late.resolve);
    await Promise.race([Promise.all(answers), late.promise]);
    // Idle keep-alive connections never end by themselves.
    cut.abort();
    await server.finished;
  }
}

type Answer = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.Addr>,
) => Response | Promise<Response>;

function listen(
  { hostname, port, tls, signal }: ServeOptions & {
    readonly signal: AbortSignal;
  },
  answer: Answer,
): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname, port, signal, onListen() {} };
  return opened(
    { hostname, port },
    () =>
      tls
        ? Deno.serve({ ...options, ...tls }, answer)
        : Deno.serve(options, answer),
  );
}

function goingAway(): Response {
  return new Response("The server is stopping\n", {
    status: 503,
    headers: { "Connection": "close" },
  });
}

function urlOf(hostname: string, port: number, secure: boolean): string {
  const isEverywhere = hostname === "0.0.0.0" || hostname === "::";
  const address = formatAddress({
    hostname: isEverywhere ? "localhost" : hostname,
    port,
  });
  return `${secure ? "https" : "http"}://${address}/`;
}
