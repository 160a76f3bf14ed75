/**
 * A browser that speaks with a site through the proxy, and stops reading when a
 * test wants it to.
 *
 * @module
 */
import { startHttp2Client } from "../../src/http2/client.ts";
import type {
  ByteReader,
  ByteStream,
  ByteWriter,
} from "../../src/net/stream/byte_stream.ts";
import { parseAddress } from "../../src/net/address/address.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { connectBySocks5 } from "../../src/net/socks5/socks5_client.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import { ByteScanner, bytesOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { RawClient } from "../testing/raw_client.ts";

/** How a site is spoken with: inside TLS that is opened on the way, or without TLS. */
export type Kind =
  | "HTTP/1.1"
  | "HTTP/2"
  | "WebSocket"
  | "plain"
  | "CONNECT"
  | "SOCKS";

/** Whether it is spoken inside TLS. */
export function isOverTls(kind: Kind): boolean {
  return kind === "HTTP/1.1" || kind === "HTTP/2" || kind === "WebSocket";
}

/** What the proxy wants to see. */
const LOGIN: string = `Proxy-Authorization: Basic ${btoa(CREDENTIALS)}`;
/** Windows so wide that only TCP holds the sender up. */
const WIDE: number = 2 ** 31 - 1;

/** The way to a site. */
export interface Route {
  readonly proxyPort: number;
  /** The site's `host:port`. */
  readonly site: string;
  readonly kind: Kind;
}

/** One connection, for one exchange. */
export interface UnreadBrowser extends Disposable {
  /**
   * Asks for a path. What is written is the request's content, or what goes
   * over the WebSocket; what is read is the answer's.
   *
   * @param length Of the content. Without it, the request has none.
   */
  ask(path: string, length?: number): Promise<ByteReader & ByteWriter>;
  /** Takes nothing from the socket any more. */
  stopReading(): void;
}

/** Opens a connection. @param ca The authority of a certificate on the way, in PEM. */
export async function openBrowser(
  route: Route,
  ca: string,
): Promise<UnreadBrowser> {
  const conn = pausable(await connect(route, ca));
  const peer = { conn, ...route };
  return {
    ask: route.kind === "HTTP/2" ? http2(peer) : http1(peer),
    stopReading: conn.stopReading,
    [Symbol.dispose]: () => conn.close(),
  };
}

async function connect(
  { proxyPort, site, kind }: Route,
  ca: string,
): Promise<Deno.Conn> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: proxyPort });
  if (kind === "plain") return tcp;
  if (kind === "SOCKS") {
    await within(
      connectBySocks5(tcp, parseAddress(site), {
        username: `${USER.name}+lab`,
        password: USER.key,
      }),
      "SOCKS",
    );
    return tcp;
  }
  const raw = RawClient.over(tcp);
  await raw.send(
    `CONNECT ${site} HTTP/1.1\r\nHost: ${site}\r\n${LOGIN}\r\n\r\n`,
  );
  const head = await raw.readHead();
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`No tunnel: ${head}`);
  if (!isOverTls(kind)) return tcp;
  return await within(
    Deno.startTls(tcp, {
      hostname: "localhost",
      caCerts: [ca],
      alpnProtocols: [kind === "HTTP/2" ? "h2" : "http/1.1"],
    }),
    "TLS",
  );
}

interface Peer extends Route {
  readonly conn: ByteStream;
}

function http1({ conn, site, kind }: Peer): UnreadBrowser["ask"] {
  const isSocket = kind === "WebSocket";
  return async (path, length) => {
    const target = kind === "plain" ? `http://${site}${path}` : path;
    const method = length === undefined || isSocket ? "GET" : "POST";
    const lines = [
      `${method} ${target} HTTP/1.1`,
      `Host: ${site}`,
      ...kind === "plain" ? [LOGIN] : [],
      ...isSocket
        ? [
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        : length === undefined
        ? []
        : [`Content-Length: ${length}`],
    ];
    await writeAll(conn, bytesOf(`${lines.join("\r\n")}\r\n\r\n`));
    const scanner = new ByteScanner(conn);
    // A site responds to an upload when it has it.
    let head: Promise<unknown> | undefined;
    const readHead = () =>
      head ??= within(scanner.readThrough("\r\n\r\n"), "a head");
    if (length === undefined || isSocket) await readHead();
    return {
      write: (bytes) => conn.write(bytes),
      async read(into) {
        await readHead();
        return await scanner.read(into);
      },
    };
  };
}

function http2({ conn, site }: Peer): UnreadBrowser["ask"] {
  const client = startHttp2Client(conn, {
    streamWindow: WIDE,
    connectionWindow: WIDE,
    maxWindow: WIDE,
    maxUnread: WIDE,
  });
  client.done.catch(() => {});
  return async (path, length) => {
    const stream = await client.request([
      ...[":method", length === undefined ? "GET" : "POST"],
      ...[":scheme", "https", ":authority", site, ":path", path],
      ...length === undefined ? [] : ["content-length", `${length}`],
    ], { endStream: length === undefined });
    if (length === undefined) await within(stream.response, "a response");
    else stream.response.catch(() => {});
    return stream;
  };
}

/** A connection that can stop reading. */
function pausable(conn: ByteStream): ByteStream & { stopReading(): void } {
  let isPaused = false;
  const { promise: closed, reject } = Promise.withResolvers<never>();
  closed.catch(() => {});
  return {
    read: (into) => isPaused ? closed : conn.read(into),
    write: (bytes) => conn.write(bytes),
    closeWrite: () => conn.closeWrite(),
    close() {
      reject(new Error("The browser has closed its connection"));
      conn.close();
    },
    stopReading: () => void (isPaused = true),
  };
}
