/** A client and a server of ours, joined by a connection of every kind. */
import type {
  Http2Client,
  Http2Server,
  Http2ServerStream,
} from "../../src/http2/api.ts";
import { startHttp2Client } from "../../src/http2/client.ts";
import type { Http2Options } from "../../src/http2/options.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { createMemoryDuplex } from "../testing/memory_duplex.ts";

/** A kind of connection to test over. */
export type Transport = "tcp" | "tls" | "memory" | "eight bytes";

/** All of them. */
export const TRANSPORTS: readonly Transport[] = [
  "tcp",
  "tls",
  "memory",
  "eight bytes",
];

/** A client and a server that talk to each other; disposing ends both. */
export interface Pair extends AsyncDisposable {
  readonly client: Http2Client;
  readonly server: Http2Server;
  /** The sockets below, to break. */
  readonly conns: readonly [client: ByteStream, server: ByteStream];
}

/** What a pair is made of. */
export interface PairOptions {
  readonly over?: Transport;
  readonly client?: Http2Options;
  readonly server?: Http2Options;
}

/** Starts both; streams of the server go to `onStream`. */
export async function startPair(
  onStream: (stream: Http2ServerStream) => Promise<void>,
  { over = "tcp", client: clientOptions, server: serverOptions }: PairOptions =
    {},
): Promise<Pair> {
  const conns = await connect(over);
  const work = new Set<Promise<void>>();
  const server = startHttp2Server(conns[1], {
    ...serverOptions,
    onStream(stream) {
      const job = onStream(stream).catch(() => stream.close());
      work.add(job);
      job.finally(() => work.delete(job));
    },
  });
  const client = startHttp2Client(conns[0], clientOptions);
  return {
    client,
    server,
    conns,
    async [Symbol.asyncDispose]() {
      await Promise.all([
        client[Symbol.asyncDispose](),
        server[Symbol.asyncDispose](),
      ]);
      await Promise.all(work);
    },
  };
}

/** Two ends of a connection. */
export async function connect(
  over: Transport,
): Promise<[ByteStream, ByteStream]> {
  if (over === "memory") return createMemoryDuplex();
  if (over === "eight bytes") return createMemoryDuplex(8);
  if (over === "tls") return await connectTls();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const ends = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  for (const end of ends) end.setNoDelay(true);
  return ends;
}

async function connectTls(): Promise<[ByteStream, ByteStream]> {
  const authority = await createTestAuthority();
  const identity = await authority.issue(["localhost", "127.0.0.1"]);
  using listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    ...identity,
  });
  const { port } = listener.addr;
  return await Promise.all([
    Deno.connectTls({ hostname: "127.0.0.1", port, caCerts: [authority.ca] }),
    listener.accept(),
  ]);
}

/** Fields of a GET for `path`. */
export function get(path = "/", ...more: string[]): string[] {
  return requestFields("GET", path, more);
}

/** Fields of a POST to `path`. */
export function post(path = "/", ...more: string[]): string[] {
  return requestFields("POST", path, more);
}

/** Fields of a CONNECT. */
export function connectTo(authority = "a.test:443"): string[] {
  return [":method", "CONNECT", ":authority", authority];
}

function requestFields(
  method: string,
  path: string,
  more: readonly string[],
): string[] {
  return [
    ":method",
    method,
    ":scheme",
    "http",
    ":path",
    path,
    ":authority",
    "a.test",
    ...more,
  ];
}

/** Reads a stream to its end. */
export async function readAll(
  stream: { read(into: Uint8Array): Promise<number | null> },
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(32 * 1024);
  for (;;) {
    const length = await stream.read(buffer);
    if (length === null) return joined(parts);
    parts.push(buffer.slice(0, length));
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
