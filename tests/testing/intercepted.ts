/**
 * A browser inside TLS that the server decrypts: it trusts the server's CA, and
 * speaks HTTP/2 or HTTP/1.1 frame by frame and byte by byte.
 *
 * @module
 */
import { openTls } from "./browser.ts";
import type { Http2Client } from "../../src/http2/api.ts";
import { startHttp2Client } from "../../src/http2/client.ts";
import { RawClient } from "./raw_client.ts";
import type { RunningSystem } from "./running_system.ts";

/** Opens TLS to `authority` through the proxy of `system`. */
export async function openIntercepted(
  system: RunningSystem,
  authority: string,
  protocol: "h2" | "http/1.1",
): Promise<Deno.TlsConn> {
  const { hostname, port } = new URL(`https://${authority}`);
  const { conn } = await openTls(system.proxy, {
    site: { port: Number(port || 443) },
    hostname,
    ca: system.server.browserCa,
    alpnProtocols: [protocol],
  });
  return conn as Deno.TlsConn;
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
