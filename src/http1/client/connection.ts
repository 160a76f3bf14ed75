import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { BufferedReader } from "../parse/buffered_reader.ts";

/** A connection to an origin on which `sendHttp1` sends one request after the other. */
export class Http1Connection {
  /** The socket. */
  readonly stream: ByteStream;
  /** Reads the socket. */
  readonly reader: BufferedReader;
  #isUsed = false;

  /** @param stream Connected; it must have no other reader or writer. */
  constructor(stream: ByteStream) {
    this.stream = stream;
    this.reader = new BufferedReader(stream);
  }

  /** Starts an exchange; returns whether there was one before. */
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
