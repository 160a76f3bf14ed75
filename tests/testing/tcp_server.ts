/**
 * TCP servers of the tests: one function per connection, ended all at once.
 *
 * @module
 */
import { createServer } from "node:net";
import { within } from "./deadline.ts";
import { Digester } from "./pattern.ts";
import { ByteScanner, bytesOf, writeAll } from "./byte_scanner.ts";

/** How a server listens. */
export interface TcpServerOptions {
  readonly hostname?: string;
  /** Default: one that the system chooses. */
  readonly port?: number;
  /** Certificate and key as PEM; without them connections are plain. */
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    /** What may be chosen by ALPN. Default: nothing. */
    readonly alpnProtocols?: string[];
  };
}

/** A server on a port that the system chose. */
export class TcpServer implements AsyncDisposable {
  readonly #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #open = new Map<Deno.Conn, Promise<void>>();
  readonly #accepting: Promise<void>;
  #accepted = 0;

  /** @param serve Called for each connection, which is closed when it returns or throws. */
  constructor(
    serve: (conn: Deno.Conn) => Promise<void>,
    { hostname = "127.0.0.1", port = 0, tls }: TcpServerOptions = {},
  ) {
    this.#listener = tls === undefined
      ? Deno.listen({ hostname, port })
      : Deno.listenTls({ hostname, port, ...tls });
    this.#accepting = this.#accept(serve);
  }

  /** The port it listens on. */
  get port(): number {
    const { addr } = this.#listener;
    if (addr.transport !== "tcp") throw new Error("Listens on no TCP port");
    return addr.port;
  }

  /** How many connections were accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#open.size;
  }

  /** Closes the connections that are open; new ones are accepted. */
  cut(): void {
    for (const conn of this.#open.keys()) closeQuietly(conn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await within(this.#accepting, "the server to stop accepting");
    await within(
      Promise.all(this.#open.values()),
      "the server's connections to end",
    );
  }

  async #accept(serve: (conn: Deno.Conn) => Promise<void>): Promise<void> {
    for await (const conn of this.#listener) {
      this.#accepted++;
      // Small writes go out at once: a test that waits for 40 ms of Nagle's
      // algorithm at every message would take minutes.
      if ("setNoDelay" in conn) conn.setNoDelay();
      this.#open.set(conn, this.#serve(conn, serve));
    }
  }

  async #serve(
    conn: Deno.Conn,
    serve: (conn: Deno.Conn) => Promise<void>,
  ): Promise<void> {
    try {
      await serve(conn);
    } catch {
      // The peer went away, or the test cut the connection: it is over either
      // way, and what the peer saw is what the test looks at.
    } finally {
      closeQuietly(conn);
      this.#open.delete(conn);
    }
  }
}

/** Closes a connection that may be closed already. */
export function closeQuietly(conn: { close(): void }): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Sends back what it gets, and ends its side when the peer has ended its own. */
export function startEchoServer(options: TcpServerOptions = {}): TcpServer {
  return new TcpServer(async (conn) => {
    const buffer = new Uint8Array(65_536);
    for (
      let read = await conn.read(buffer);
      read !== null;
      read = await conn.read(buffer)
    ) {
      await writeAll(conn, buffer.subarray(0, read));
    }
    await conn.closeWrite();
  }, options);
}

/**
 * Says nothing until the peer has ended its side; then sends the digest of all
 * it got as one line of JSON. A peer that loses the digest mistook a half-close
 * for a close.
 */
export function startDigestServer(options: TcpServerOptions = {}): TcpServer {
  return new TcpServer(async (conn) => {
    const digester = new Digester();
    const buffer = new Uint8Array(65_536);
    for (
      let read = await conn.read(buffer);
      read !== null;
      read = await conn.read(buffer)
    ) {
      digester.add(buffer.subarray(0, read));
    }
    await writeAll(conn, bytesOf(JSON.stringify(digester.digest()) + "\n"));
    await conn.closeWrite();
  }, options);
}

/** Sends `greeting` and ends its side at once, then keeps the digest of what it still gets. */
export function startGreetingServer(
  greeting: string,
  options: TcpServerOptions = {},
): TcpServer & { readonly received: Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = new TcpServer(async (conn) => {
    await writeAll(conn, bytesOf(greeting));
    await conn.closeWrite();
    const rest = await new ByteScanner(conn).readAll();
    resolve(new TextDecoder().decode(rest));
  }, options);
  return Object.assign(server, { received: promise });
}

/** A server whose connections end in a reset. */
export interface ResettingServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Waits for the first bytes, sends `reply` and resets the connection.
 * Native sockets cannot: it takes `SO_LINGER`, which only `node:net` sets.
 */
export async function startResettingServer(
  reply: string,
): Promise<ResettingServer> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      socket.write(bytesOf(reply), () => socket.resetAndDestroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("Listens on no TCP port");
  }
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
