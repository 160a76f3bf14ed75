/**
 * How the load gets to the origin: one shape for proxies and for bare ports.
 *
 * @module
 */
import { z } from "zod";

/** Where requests enter a peer. */
export interface Route {
  readonly hostname: string;
  readonly port: number;
  /**
   * - `direct`: the port leads to the origin; requests are in origin-form,
   * - `connect`: the port is a proxy; a CONNECT comes first, then the same,
   * - `absolute`: the port is a proxy; requests are in absolute-form.
   */
  readonly form: "direct" | "connect" | "absolute";
  /** The origin as `host:port`. */
  readonly authority: string;
  /** The value of `Proxy-Authorization`. */
  readonly authorization?: string | undefined;
}

/** Checks a {@linkcode Route} that another process sent. */
export const ROUTE: z.ZodType<Route> = z.object({
  hostname: z.string(),
  port: z.int(),
  form: z.enum(["direct", "connect", "absolute"]),
  authority: z.string(),
  authorization: z.string().optional(),
});

const HEAD_END = new TextEncoder().encode("\r\n\r\n");
const MAX_HEAD_BYTES = 16_384;

/** The bytes of a GET for `path` over `route`. */
export function requestBytes(
  { form, authority, authorization }: Route,
  path: string,
): Uint8Array<ArrayBuffer> {
  const isAbsolute = form === "absolute";
  const target = isAbsolute ? `http://${authority}${path}` : path;
  const lines = [`GET ${target} HTTP/1.1`, `Host: ${authority}`];
  if (isAbsolute && authorization !== undefined) {
    lines.push(`Proxy-Authorization: ${authorization}`);
  }
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
}

/**
 * Opens a connection on which the origin, or the proxy, takes requests.
 *
 * @throws When the peer does not respond, or the proxy refuses.
 */
export async function openRoute(route: Route): Promise<Deno.TcpConn> {
  const { hostname, port } = route;
  const conn = await Deno.connect({ hostname, port });
  conn.setNoDelay();
  if (route.form === "connect") await connectThrough(conn, route);
  return conn;
}

/** Where the content begins in the first `length` bytes; -1 when the head has not ended. */
export function contentStart(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
): number {
  for (let at = 0; at + 3 < length; at++) {
    at = bytes.indexOf(13, at);
    if (at < 0 || at + 3 >= length) return -1;
    if (HEAD_END.every((byte, index) => bytes[at + index] === byte)) {
      return at + 4;
    }
  }
  return -1;
}

/** Writes all of `bytes`. */
export async function writeAll(
  conn: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  let sent = await conn.write(bytes);
  while (sent < bytes.byteLength) {
    sent += await conn.write(bytes.subarray(sent));
  }
}

async function connectThrough(
  conn: Deno.Conn,
  { authority, authorization }: Route,
): Promise<void> {
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (authorization !== undefined) {
    lines.push(`Proxy-Authorization: ${authorization}`);
  }
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  await writeAll(conn, head);
  const answer = await readHead(conn);
  if (!/^HTTP\/1\.[01] 200/.test(answer)) {
    throw new Error(`The proxy refused: ${answer.split("\r\n")[0]}`);
  }
}

/** The origin says nothing unasked, so what comes up to the empty line is the head. */
async function readHead(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  let length = 0;
  while (contentStart(buffer, length) < 0) {
    const read = await conn.read(buffer.subarray(length));
    if (read === null || length === MAX_HEAD_BYTES) {
      throw new Error("The proxy closed the connection");
    }
    length += read;
  }
  return new TextDecoder().decode(buffer.subarray(0, length));
}
