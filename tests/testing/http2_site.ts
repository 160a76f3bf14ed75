/**
 * A site that speaks HTTP/2: over TLS, where it may also choose HTTP/1.1 and
 * notes the choice, or in cleartext.
 *
 * @module
 */
import type {
  Http2Connection,
  Http2ServerStream,
} from "../../src/http2/api.ts";
import type { Http2Options } from "../../src/http2/options.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import { createTestAuthority } from "./certs.ts";
import { serveSite } from "./origin.ts";
import type { OriginExchange } from "./origin_exchange.ts";
import { TcpServer } from "./tcp_server.ts";

/** The name in its certificate. */
export const HTTP2_HOST = "shop.test";

/** How connections are carried. */
export type Carrier = "cleartext" | "TLS";

/** Both of them. */
export const CARRIERS: readonly Carrier[] = ["cleartext", "TLS"];

/** What a site speaks. */
export interface Http2SiteOptions {
  /** Cleartext is HTTP/2 from the first byte. Default: TLS. */
  readonly carrier?: Carrier;
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
  {
    carrier = "TLS",
    protocols: offered = ["h2", "http/1.1"],
    http2,
    http1 = answerOne,
  }: Http2SiteOptions = {},
): Promise<Http2Site> {
  const authority = await createTestAuthority();
  const identity = await authority.issue([
    HTTP2_HOST,
    "localhost",
    "127.0.0.1",
  ]);
  const protocols: (string | null)[] = [];
  const connections: Http2Connection[] = [];
  const tcp = new TcpServer(async (conn) => {
    if ("handshake" in conn) {
      const { alpnProtocol } = await (conn as Deno.TlsConn).handshake();
      protocols.push(alpnProtocol);
      if (alpnProtocol !== "h2") return await serveSite(conn, http1);
    }
    const connection: Http2Connection = startHttp2Server(conn, {
      ...http2,
      onStream(stream) {
        onStream(stream, connection).catch(() => stream.close());
      },
    });
    connections.push(connection);
    await connection.done;
  }, carrier === "TLS" ? { tls: { ...identity, alpnProtocols: offered } } : {});
  return {
    ...{ port: tcp.port, ca: authority.ca, protocols, connections, tcp },
    [Symbol.asyncDispose]: () => tcp[Symbol.asyncDispose](),
  };
}

async function answerOne(exchange: OriginExchange): Promise<void> {
  await exchange.answer(200, { body: "one" });
}
