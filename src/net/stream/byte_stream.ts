/**
 * Bytes that flow: the shape that TCP and TLS sockets, Unix sockets, HTTP/2
 * streams and test pipes share. `Deno.Conn` has it by itself.
 */

/** Something bytes can be read from. */
export interface ByteReader {
  /**
   * Reads up to `into.byteLength` bytes into `into`.
   *
   * @returns How many bytes were read (at least 1), or `null` at the end.
   * @throws When the bytes were cut short: a reset is never a quiet `null`.
   */
  read(into: Uint8Array): Promise<number | null>;
}

/** Something bytes can be written to. */
export interface ByteWriter {
  /**
   * Writes some of `bytes`; the caller may reuse the buffer afterwards.
   *
   * @returns How many bytes were taken: it may be fewer than given.
   * @throws When the other side is gone.
   */
  write(bytes: Uint8Array): Promise<number>;
}

/** A two-way flow of bytes whose two directions end separately. */
export interface ByteStream extends ByteReader, ByteWriter {
  /** The protocol that TLS has agreed on (ALPN, RFC 7301); `undefined` where it has not. */
  readonly alpnProtocol?: string | undefined;
  /** Ends the sending direction; what the other side still sends can be read. */
  closeWrite(): Promise<void>;
  /** Ends both directions at once. Sockets throw when closed again: see `closeQuietly`. */
  close(): void;
}

/** A writer that can take bytes straight from a source into its own buffers. */
export interface ReaderFrom {
  /** Writes everything `source` has; returns the number of bytes. */
  readFrom(source: ByteReader): Promise<number>;
}

/** A reader that can hand its own buffers to a sink without a copy. */
export interface WriterTo {
  /** Reads everything into `sink`; returns the number of bytes. */
  writeTo(sink: ByteWriter): Promise<number>;
}

/** Closes `stream`, even if it is closed already. */
export function closeQuietly(stream: { close(): void }): void {
  try {
    stream.close();
  } catch {
    // Closed already: what was wanted.
  }
}
