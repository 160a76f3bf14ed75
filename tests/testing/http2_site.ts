/**
 * A site over TLS that speaks HTTP/2, HTTP/1.1, or what it is asked for first,
 * and notes what was agreed on.
 *
 * @module
 */
import type {
  Http2Connection,
  Http2ServerStream,
} from "../../src/http2/api.ts";
import type { Http2Options } from "../../src/http2/options.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import { ByteScanner } from "./byte_scanner.ts";
import { createTestAuthority } from "./certs.ts";
import { OriginExchange } from "./origin_exchange.ts";
import { TcpServer } from "./tcp_server.ts";

/** The name in its certificate. */
export const HTTP2_HOST = "shop.test";

/** What a site speaks. */
export interface Http2SiteOptions {
  /** What may be chosen by ALPN, the preferred one first. Default: both. */
  readonly protocols?: string[];
  readonly http2?: Http2Options;
  /** Answers a request of HTTP/1.1. Default: 200 with "one". */
  readonly http1?: (exchange: OriginExchange) => Promise<void>;
}

/** A running site. */
export interface Http2Site extends AsyncDisposable {
  readonly port: number;
  /** The authority that has signed its certificate, in PEM. */
  readonly ca: string;
  /** The protocol of each connection so far; `null` where none was chosen. */
  readonly protocols: (string | null)[];
  /** The connections of HTTP/2 so far. */
  readonly connections: Http2Connection[];
  readonly tcp: TcpServer;
}

/** Starts a site. @param onStream Answers a request of HTTP/2; when it throws, the stream is closed. */
export async function startHttp2Site(
  onStream: (
    stream: Http2ServerStream,
    connection: Http2Connection,
  ) => Promise<void>,
  { protocols: offered = ["h2", "http/1.1"], http2, http1 = answerOne }:
    Http2SiteOptions = {},
): Promise<Http2Site> {
  const authority = await createTestAuthority();
  const identity = await authority.issue([HTTP2_HOST]);
  const protocols: (string | null)[] = [];
  const connections: Http2Connection[] = [];
  const tcp = new TcpServer(async (conn) => {
    if (!("handshake" in conn)) throw new Error("It is not TLS");
    const { alpnProtocol } = await (conn as Deno.TlsConn).handshake();
    protocols.push(alpnProtocol);
    if (alpnProtocol !== "h2") return await serveHttp1(conn, http1);
    const connection: Http2Connection = startHttp2Server(conn, {
      ...http2,
      onStream(stream) {
        onStream(stream, connection).catch(() => stream.close());
      },
    });
    connections.push(connection);
    await connection.done;
  }, { tls: { ...identity, alpnProtocols: offered } });
  return {
    ...{ port: tcp.port, ca: authority.ca, protocols, connections, tcp },
    [Symbol.asyncDispose]: () => tcp[Symbol.asyncDispose](),
  };
}

async function serveHttp1(
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

async function answerOne(exchange: OriginExchange): Promise<void> {
  await exchange.answer(200, { body: "one" });
}
