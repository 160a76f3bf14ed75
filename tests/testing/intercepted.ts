/**
 * A browser inside TLS that the server decrypts: it trusts the server's CA, and
 * speaks HTTP/2 or HTTP/1.1 frame by frame and byte by byte.
 *
 * @module
 */
import type { Http2Client } from "../../src/http2/api.ts";
import { startHttp2Client } from "../../src/http2/client.ts";
import { ByteScanner, bytesOf, writeAll } from "./byte_scanner.ts";
import { RawClient } from "./raw_client.ts";
import type { RunningSystem } from "./running_system.ts";

/** Opens TLS to `authority` through the proxy of `system`. */
export async function openIntercepted(
  system: RunningSystem,
  authority: string,
  protocol: "h2" | "http/1.1",
): Promise<Deno.TlsConn> {
  const { hostname, port } = system.proxyAddress;
  const conn = await Deno.connect({ hostname, port });
  await writeAll(
    conn,
    bytesOf(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n` +
        `Proxy-Authorization: ${system.authorization}\r\n\r\n`,
    ),
  );
  // Nothing follows before the browser begins its handshake.
  const head = await new ByteScanner(conn).readThrough("\r\n\r\n");
  if (head?.startsWith("HTTP/1.1 200 ") !== true) {
    conn.close();
    throw new Error(`No tunnel to ${authority}: ${head}`);
  }
  const secure = await Deno.startTls(conn, {
    hostname: authority.replace(/:\d+$/, ""),
    caCerts: [system.server.ca?.pem ?? ""],
    alpnProtocols: [protocol],
  });
  await secure.handshake();
  return secure;
}

/** A browser that speaks HTTP/2. */
export async function openHttp2Browser(
  system: RunningSystem,
  authority: string,
): Promise<Http2Client> {
  return startHttp2Client(await openIntercepted(system, authority, "h2"));
}

/** A browser that speaks HTTP/1.1. */
export async function openHttp1Browser(
  system: RunningSystem,
  authority: string,
): Promise<RawClient> {
  return RawClient.over(await openIntercepted(system, authority, "http/1.1"));
}
