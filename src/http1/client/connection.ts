/**
 * A connection to an origin: what exchanges that follow each other share.
 *
 * @module
 */
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { BufferedReader } from "../parse/buffered_reader.ts";

/** A connected socket on which `sendHttp1` sends one request after the other. */
export class Http1Connection {
  /** The socket. */
  readonly stream: ByteStream;
  /** Reads it. */
  readonly reader: BufferedReader;
  #isUsed = false;

  /** @param stream Connected; read and written by nobody else. */
  constructor(stream: ByteStream) {
    this.stream = stream;
    this.reader = new BufferedReader(stream);
  }

  /** Begins an exchange; says whether there was one before. */
  begin(): boolean {
    const wasUsed = this.#isUsed;
    this.#isUsed = true;
    return wasUsed;
  }

  /** Ends the connection. Calling it twice does no harm. */
  close(): void {
    closeQuietly(this.stream);
  }
}
