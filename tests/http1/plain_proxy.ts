/** Both ends of HTTP/1 joined on real sockets: a proxy and nothing else. */
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { ConnectionPool } from "../../src/http1/client/connection_pool.ts";
import { sendHttp1 } from "../../src/http1/client/send.ts";
import { serveHttp1 } from "../../src/http1/server/serve.ts";
import { TcpServer } from "../testing/tcp_server.ts";

/** A proxy that passes requests to whatever authority they name. */
export class PlainProxy implements AsyncDisposable {
  readonly #pool: ConnectionPool = new ConnectionPool();
  readonly #stop: AbortController = new AbortController();
  readonly #server: TcpServer;
  /** Errors that the served connections reported. */
  readonly errors: unknown[] = [];

  /** @param onRequest Called with each request before it is forwarded. */
  constructor(
    onRequest: (request: ProxyRequest, context: ExchangeContext) => void =
      () => {},
  ) {
    this.#server = new TcpServer((conn) =>
      serveHttp1(conn, (request, context) => {
        onRequest(request, context);
        return this.#pass(request, context);
      }, {
        signal: this.#stop.signal,
        onError: (error) => this.errors.push(error),
      })
    );
  }

  /** The port of the proxy. */
  get port(): number {
    return this.#server.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#server[Symbol.asyncDispose]();
    await this.#pool[Symbol.asyncDispose]();
  }

  async #pass(
    request: ProxyRequest,
    context: ExchangeContext,
  ): Promise<ProxyResponse> {
    if (request.kind === "connect") {
      const stream = await dial(request.authority);
      return { kind: "stream", status: 200, fields: new Fields(), stream };
    }
    const { authority } = request;
    const { connection, release } = this.#pool.take(authority) ??
      this.#pool.add(authority, await dial(authority));
    return await sendHttp1(connection, request, context, { release });
  }
}

async function dial(authority: string): Promise<Deno.Conn> {
  const [hostname = "", port] = authority.split(":");
  return await Deno.connect({ hostname, port: Number(port ?? 80) });
}
