import { timer } from "../../async/timer.ts";
import type { AcceptedConnection } from "./accepted_connection.ts";
import {
  MAX_V2,
  parseProxyHeader,
  type ProxyHeader,
  ProxyHeaderError,
} from "./proxy_header.ts";
import type { ProxyProtocolMode, TrustedProxies } from "./trusted_proxies.ts";

const HEADER_TIMEOUT = 10_000;
/** The first read: any header without long additions. */
const FIRST_SIZE = 512;

/**
 * Reads the PROXY header of a connection that a trusted proxy has opened. From
 * then on the connection has the client's address, also for its limits.
 *
 * @returns Whether the connection may be served: `false` when it has ended, or
 * was refused because the header is wrong, missing or late.
 * @throws What reading throws.
 */
export async function takeProxyHeader(
  conn: AcceptedConnection,
  { proxyProtocol = "off", headerTimeout = HEADER_TIMEOUT }: Pick<
    TrustedProxies,
    "proxyProtocol" | "headerTimeout"
  >,
): Promise<boolean> {
  if (!conn.isProxied || proxyProtocol === "off") return true;
  using _limit = timer(
    headerTimeout,
    () => conn.refuse("proxy_header", "the PROXY header did not come in time"),
  );
  try {
    const header = await readHeader(conn, proxyProtocol);
    if (header?.source === undefined) return header !== undefined;
    return conn.speakFor(header.source);
  } catch (cause) {
    if (!(cause instanceof ProxyHeaderError)) throw cause;
    conn.refuse("proxy_header", cause.message);
    return false;
  }
}

/** Gives the bytes behind the header back. `undefined` when the peer ended before. */
async function readHeader(
  conn: AcceptedConnection,
  mode: ProxyProtocolMode,
): Promise<Pick<ProxyHeader, "source"> | undefined> {
  let buffer = new Uint8Array(FIRST_SIZE);
  let filled = 0;
  for (;;) {
    const count = await conn.read(buffer.subarray(filled));
    if (count === null) return undefined;
    filled += count;
    const header = parseProxyHeader(buffer.subarray(0, filled));
    if (header === "none") {
      if (mode === "require") {
        throw new ProxyHeaderError("The PROXY header is missing");
      }
      conn.unread(buffer.subarray(0, filled));
      return { source: undefined };
    }
    if (header !== "incomplete") {
      const rest = buffer.subarray(header.size, filled);
      if (rest.length > 0) conn.unread(rest);
      return header;
    }
    if (filled < buffer.length) continue;
    const larger = new Uint8Array(MAX_V2);
    larger.set(buffer);
    buffer = larger;
  }
}
