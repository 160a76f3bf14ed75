/**
 * One question to one DNS server: over UDP, and over TCP when the reply does
 * not fit into a datagram (RFC 7766).
 *
 * It is done here because `Deno.resolveDns` reports a server that failed like a
 * name that does not exist, and refuses names with an underscore.
 */
import { createSocket } from "node:dgram";
import { abortable } from "../../async/abortable.ts";
import { timer } from "../../async/timer.ts";
import { type Address, canonicalIp } from "../address/address.ts";
import { writeAll } from "../stream/copy.ts";
import {
  decodeReply,
  type DnsQuery,
  type DnsReply,
  encodeQuery,
} from "./dns_message.ts";

/** A reply that is whole. */
export type WholeReply = Exclude<DnsReply, { readonly kind: "truncated" }>;

/** Nothing listens at the port of a server: Windows says so for datagrams too. */
export class ClosedPortError extends Error {
  /** Always `ClosedPortError`. */
  override readonly name = "ClosedPortError";
}

/** What a failure of a UDP socket means. */
export function udpErrorOf(error: Error & { readonly code?: unknown }): Error {
  return error.code === "ECONNRESET"
    ? new ClosedPortError("nothing listens there", { cause: error })
    : error;
}

/** A datagram can get lost: it is sent again after so many milliseconds. */
const RESEND_AFTER = 1_000;

/**
 * Asks `server`, by its IP address, and waits for the reply for as long as
 * `signal` lets it.
 *
 * @throws {ClosedPortError} When nothing listens there, as far as the system says so.
 * @throws The signal's reason, or the socket's error.
 */
export async function askDnsServer(
  server: Address,
  query: DnsQuery,
  signal: AbortSignal,
): Promise<WholeReply> {
  const reply = await askOverUdp(server, query, signal);
  if (reply.kind !== "truncated") return reply;
  return await askOverTcp(server, query, signal);
}

async function askOverUdp(
  { hostname, port }: Address,
  query: DnsQuery,
  signal: AbortSignal,
): Promise<DnsReply> {
  signal.throwIfAborted();
  const bytes = encodeQuery(query);
  const reply = Promise.withResolvers<DnsReply>();
  // A new socket, because its port is what a forger has to guess besides the id.
  const socket = createSocket(hostname.includes(":") ? "udp6" : "udp4");
  socket.on("error", (error) => reply.reject(udpErrorOf(error)));
  socket.on("message", (datagram, from) => {
    if (from.port !== port) return;
    if (canonicalIp(from.address) !== canonicalIp(hostname)) return;
    const read = decodeReply(datagram, query);
    if (read !== undefined) reply.resolve(read);
  });
  let resend: Disposable | undefined;
  try {
    send();
    return await abortable(reply.promise, signal);
  } finally {
    resend?.[Symbol.dispose]();
    socket.close();
  }

  function send(): void {
    socket.send(bytes, port, hostname);
    resend = timer(RESEND_AFTER, send);
  }
}

async function askOverTcp(
  { hostname, port }: Address,
  query: DnsQuery,
  signal: AbortSignal,
): Promise<WholeReply> {
  using conn = await Deno.connect({ hostname, port, signal });
  const reply = await abortable(exchange(conn, query), signal);
  if (reply !== undefined && reply.kind !== "truncated") return reply;
  return { kind: "failed", reason: "its reply is malformed" };
}

/** Over TCP each message stands behind its length (RFC 1035 §4.2.2). */
async function exchange(
  conn: Deno.Conn,
  query: DnsQuery,
): Promise<DnsReply | undefined> {
  const bytes = encodeQuery(query);
  const framed = new Uint8Array(2 + bytes.length);
  new DataView(framed.buffer).setUint16(0, bytes.length);
  framed.set(bytes, 2);
  await writeAll(conn, framed);
  const head = await readBytes(conn, 2);
  const length = new DataView(head.buffer).getUint16(0);
  return decodeReply(await readBytes(conn, length), query);
}

async function readBytes(
  conn: Deno.Conn,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await conn.read(bytes.subarray(at));
    if (read === null) throw new Error("It closed the connection");
    at += read;
  }
  return bytes;
}
