/**
 * A web application over TLS, for as long as it is wanted; `serve_plain.ts` is
 * the same without.
 *
 * @module
 */
import type { Running } from "../async/running.ts";
import { timer } from "../async/timer.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { opened } from "../net/listen.ts";

/** How long answers under way may still take when the application ends, in milliseconds. */
export const GRACE = 5000;

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
  /** A certificate chain and its key, both PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
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
 * Serves `app` over TLS, by HTTP/2 and HTTP/1.1.
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
    url: urlOf("https", { hostname, port: server.addr.port }),
  };
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
    const late = Promise.withResolvers<"late">();
    using _late = timer(grace, () => late.resolve("late"));
    const end = await Promise.race([finish(), late.promise]);
    if (end === "late") cut.abort();
    await server.finished;
  }

  /** An answer is over for us a moment before its last bytes are sent; the server knows. */
  async function finish(): Promise<void> {
    await Promise.all(answers);
    if (!cut.signal.aborted) await server.shutdown();
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
    () => Deno.serve({ ...options, ...tls }, answer),
  );
}

function goingAway(): Response {
  return new Response("The server is stopping\n", {
    status: 503,
    headers: { "Connection": "close" },
  });
}

/** As a browser on this machine would open it. */
export function urlOf(
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
