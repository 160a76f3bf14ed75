/**
 * A client that sends exactly the bytes it is given.
 *
 * @module
 */
import type { ByteReader } from "../../src/net/stream/byte_stream.ts";
import { ByteScanner, bytesOf, textOf, writeAll } from "./byte_scanner.ts";
import { within } from "./deadline.ts";

/** Where to connect, and with which certificate authority when over TLS. */
export interface RawTarget {
  readonly port: number;
  readonly hostname?: string;
  /** PEM of the authority to trust; without it the connection is plain. */
  readonly ca?: string | undefined;
  /** Protocols to offer in the TLS handshake. */
  readonly alpnProtocols?: string[];
}

/** One connection, written and read by hand. Every wait has a deadline. */
export class RawClient implements ByteReader, Disposable {
  readonly #conn: Deno.Conn;
  readonly #scanner: ByteScanner;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#scanner = new ByteScanner(conn);
  }

  /** Connects. */
  static async connect(
    { port, hostname = "127.0.0.1", ca, alpnProtocols = [] }: RawTarget,
  ): Promise<RawClient> {
    const dial: Promise<Deno.TcpConn | Deno.TlsConn> = ca === undefined
      ? Deno.connect({ hostname, port })
      : Deno.connectTls({ hostname, port, caCerts: [ca], alpnProtocols });
    const conn = await within(dial, `a connection to ${hostname}:${port}`);
    if ("setNoDelay" in conn) conn.setNoDelay();
    return new RawClient(conn);
  }

  /** Speaks on a connection that is there already. */
  static over(conn: Deno.Conn): RawClient {
    return new RawClient(conn);
  }

  /** The connection, for what this class does not do. */
  get conn(): Deno.Conn {
    return this.#conn;
  }

  /** Sends text whose characters are bytes, or bytes. */
  async send(message: string | Uint8Array): Promise<void> {
    const bytes = typeof message === "string" ? bytesOf(message) : message;
    await within(writeAll(this.#conn, bytes), "the peer to take the bytes");
  }

  /** Reads text that ends with `marker`. */
  async readThrough(marker: string): Promise<string> {
    const text = await within(
      this.#scanner.readThrough(marker),
      `${JSON.stringify(marker)} to arrive`,
    );
    if (text === undefined) throw new Error("The peer closed the connection");
    return text;
  }

  /** Reads the head of a message, the empty line included. */
  async readHead(): Promise<string> {
    return await this.readThrough("\r\n\r\n");
  }

  /** Reads `count` bytes. */
  async readExactly(count: number): Promise<Uint8Array> {
    return await within(
      this.#scanner.readExactly(count),
      `${count} bytes to arrive`,
    );
  }

  /** Reads some bytes; `null` at the end. */
  async read(into: Uint8Array): Promise<number | null> {
    return await within(this.#scanner.read(into), "bytes to arrive");
  }

  /** Reads to the end, as text whose characters are bytes. */
  async readAll(): Promise<string> {
    return textOf(
      await within(this.#scanner.readAll(), "the peer to end its side"),
    );
  }

  /** Ends the sending direction. */
  async closeWrite(): Promise<void> {
    await within(this.#conn.closeWrite(), "the sending side to end");
  }

  /** Closes the connection. Calling it twice does no harm. */
  close(): void {
    try {
      this.#conn.close();
    } catch (error) {
      // Closed already, by the test or by a failed read.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
