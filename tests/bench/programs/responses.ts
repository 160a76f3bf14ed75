/**
 * Reads responses as cheaply as a generator of load must.
 *
 * @module
 */
import { contentStart } from "./route.ts";

const BUFFER_BYTES = 16_384;
const OK = new TextEncoder().encode("HTTP/1.1 200");

/** Reads responses with contents of a length known beforehand from one connection. */
export class Responses {
  readonly #conn: Deno.Conn;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #contentLength: number;

  /** @param contentLength What every response of the connection has, in bytes. */
  constructor(conn: Deno.Conn, contentLength: number) {
    this.#conn = conn;
    this.#contentLength = contentLength;
  }

  /**
   * Reads one response.
   *
   * @returns Whether there was one: `false` at the end of the connection.
   * @throws When its status is not 200, or it was cut short.
   */
  async next(): Promise<boolean> {
    let length = 0;
    let end = -1;
    while (end < 0 || length < end) {
      const read = await this.#conn.read(this.#buffer.subarray(length));
      if (read === null && length === 0) return false;
      if (read === null) throw new Error("A response was cut short");
      length += read;
      if (end < 0) end = this.#endOf(length);
    }
    return true;
  }

  /** Where the response ends, or -1 while that is unknown. */
  #endOf(length: number): number {
    const start = contentStart(this.#buffer, length);
    if (start < 0) return -1;
    if (!OK.every((byte, index) => this.#buffer[index] === byte)) {
      const text = new TextDecoder().decode(this.#buffer.subarray(0, 40));
      throw new Error(`A response was not 200: ${text.split("\r\n")[0]}`);
    }
    return start + this.#contentLength;
  }
}
