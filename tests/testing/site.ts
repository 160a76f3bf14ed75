/**
 * A site whose every answer the test writes itself. For the usual ones there is
 * `origin.ts`.
 *
 * @module
 */
import { ByteScanner } from "./byte_scanner.ts";
import { OriginExchange } from "./origin_exchange.ts";
import { TcpServer, type TcpServerOptions } from "./tcp_server.ts";

/** Starts a site that answers each request with `answer`, and the next one on the same connection. */
export function startSite(
  answer: (exchange: OriginExchange) => Promise<void>,
  options: TcpServerOptions = {},
): TcpServer {
  return new TcpServer(async (conn) => {
    const scanner = new ByteScanner(conn);
    for (;;) {
      const head = await scanner.readThrough("\r\n\r\n");
      if (head === undefined) return;
      const exchange = new OriginExchange(head, { conn, scanner });
      await answer(exchange);
      if (!await exchange.finish()) return;
    }
  }, options);
}
