/**
 * A site that speaks HTTP/2 only, in our server role: what the programs of
 * others are pointed at.
 *
 * @module
 */
import type { Http2Server, Http2ServerStream } from "../../src/http2/api.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import { closeQuietly } from "../../src/net/stream/byte_stream.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { createTestAuthority } from "../testing/certs.ts";

/** How connections are carried. */
export type Carrier = "cleartext" | "TLS";

/** Both of them. */
export const CARRIERS: readonly Carrier[] = ["cleartext", "TLS"];

/** Its content for every path but `/echo` and `/<bytes>`. */
export const HELLO = "hello";

/** Starts a site on a port that the system chooses. */
export async function startHttp2Site(carrier: Carrier): Promise<Http2Site> {
  const address = { hostname: "127.0.0.1", port: 0 };
  if (carrier === "cleartext") return new Http2Site(Deno.listen(address));
  const authority = await createTestAuthority();
  const identity = await authority.issue(["localhost", "127.0.0.1"]);
  return new Http2Site(
    Deno.listenTls({ ...address, ...identity, alpnProtocols: ["h2"] }),
  );
}

/** A running site; disposing ends it and all of its connections. */
export class Http2Site implements AsyncDisposable {
  readonly #listener: Deno.Listener<Deno.TcpConn | Deno.TlsConn>;
  readonly #open = new Set<Http2Server>();
  readonly #work = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;

  constructor(listener: Deno.Listener<Deno.TcpConn | Deno.TlsConn>) {
    this.#listener = listener;
    this.#accepting = this.#accept();
  }

  /** The port it listens on. */
  get port(): number {
    const { addr } = this.#listener;
    if (addr.transport !== "tcp") throw new Error("Listens on no TCP port");
    return addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    await Promise.all(
      [...this.#open].map((server) => server[Symbol.asyncDispose]()),
    );
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    try {
      for await (const conn of this.#listener) this.#serve(conn);
    } catch {
      // The listener was closed.
    }
  }

  #serve(conn: Deno.TcpConn | Deno.TlsConn): void {
    const server = startHttp2Server(conn, {
      closeTimeout: 500,
      onStream: (stream) => this.#keep(answer(stream)),
    });
    this.#open.add(server);
    this.#keep(
      server.done.catch(() => {}).finally(() => {
        this.#open.delete(server);
        closeQuietly(conn);
      }),
    );
  }

  #keep(job: Promise<void>): void {
    this.#work.add(job);
    job.finally(() => this.#work.delete(job));
  }
}

/** `/echo` gives back what it gets, `/1000` gives a thousand bytes, everything else says hello. */
async function answer(stream: Http2ServerStream): Promise<void> {
  try {
    const path = stream.fields[stream.fields.indexOf(":path") + 1] ?? "/";
    if (path === "/echo") {
      await stream.respond([":status", "200"]);
      await stream.writeTo(stream);
      return await stream.sendTrailers(["x-end", "yes"]);
    }
    const scratch = new Uint8Array(65_536);
    while (await stream.read(scratch) !== null);
    const size = Number(path.slice(1)) || 0;
    const content = size === 0
      ? new TextEncoder().encode(HELLO)
      : new Uint8Array(size).fill(0x78);
    const length = String(content.length);
    await stream.respond([":status", "200", "content-length", length]);
    await writeAll(stream, content);
    await stream.closeWrite();
  } catch {
    // The peer has given up the stream: what these programs test.
    stream.close();
  }
}
