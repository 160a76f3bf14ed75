/**
 * An HTTP/1.1 site on raw sockets: it can be as correct and as broken as a test
 * wants, and it keeps what it receives byte by byte.
 *
 * {@linkcode startOrigin} has the usual responses; with {@linkcode startSite}
 * the test writes every response itself.
 *
 * @module
 */
import { ByteScanner } from "./byte_scanner.ts";
import { createTestAuthority } from "./certs.ts";
import { Gates } from "./gates.ts";
import { OriginExchange } from "./origin_exchange.ts";
import { ROUTES } from "./origin_routes.ts";
import { TcpServer, type TcpServerOptions } from "./tcp_server.ts";

/** A running site. */
export interface Origin extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly authority: string;
  /** `http://127.0.0.1:port` or `https://localhost:port` */
  readonly url: string;
  /** PEM of the authority that signed its certificate; `undefined` for http. */
  readonly ca: string | undefined;
  /** Heads of all requests it got, as they came. */
  readonly heads: readonly string[];
  /** Connections it has taken so far. */
  readonly connections: number;
  /** Closes all its connections in the middle of whatever they do. */
  cut(): void;
  /** Resolves when a request to `/hold/NAME` or `/hold-body/NAME` waits. */
  held(name: string): Promise<void>;
  /** Lets the requests held under `name`, now or later, go on. */
  release(name: string): void;
}

/**
 * Starts a site: `http` on 127.0.0.1, or `https` with a certificate for
 * localhost and 127.0.0.1.
 *
 * @param names Stand in the certificate too.
 */
export async function startOrigin(
  scheme: "http" | "https" = "http",
  names: readonly string[] = [],
): Promise<Origin> {
  const heads: string[] = [];
  const gates = new Gates();
  const stopping = new AbortController();
  const authority = scheme === "https"
    ? await createTestAuthority()
    : undefined;
  const tls = await authority?.issue(["localhost", "127.0.0.1", ...names]);

  const server = startSite(async (exchange) => {
    heads.push(exchange.head);
    const surroundings = { scheme, gates, signal: stopping.signal };
    const route = ROUTES[exchange.path.split("/")[1] ?? ""] ?? notFound;
    await route(exchange, surroundings);
  }, tls === undefined ? {} : { tls });
  const host = scheme === "https" ? "localhost" : "127.0.0.1";
  return {
    port: server.port,
    authority: `127.0.0.1:${server.port}`,
    url: `${scheme}://${host}:${server.port}`,
    ca: authority?.ca,
    heads,
    get connections() {
      return server.accepted;
    },
    cut: () => server.cut(),
    held: (name) => gates.held(name),
    release: (name) => gates.open(name),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      gates.openAll();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function notFound(exchange: OriginExchange): Promise<void> {
  await exchange.answer(404, { body: `nothing at ${exchange.path}\n` });
}

/** Starts a site that responds to each request with `answer`, one after the other on a connection. */
export function startSite(
  answer: (exchange: OriginExchange) => Promise<void>,
  options: TcpServerOptions = {},
): TcpServer {
  return new TcpServer((conn) => serveSite(conn, answer), options);
}

/** Responds to the requests on one connection. */
export async function serveSite(
  conn: Deno.Conn,
  answer: (exchange: OriginExchange) => Promise<void>,
): Promise<void> {
  const scanner = new ByteScanner(conn);
  for (;;) {
    const head = await scanner.readThrough("\r\n\r\n");
    if (head === undefined) return;
    const exchange = new OriginExchange(head, { conn, scanner });
    await answer(exchange);
    if (!await exchange.finish()) return;
  }
}
