/**
 * A byte stream as Node's TLS wants it.
 *
 * @module
 */
import { Duplex } from "node:stream";
import { type ByteStream, closeQuietly } from "./byte_stream.ts";
import { writeAll } from "./copy.ts";

/** Three full TLS records (RFC 8446 §5.1); what is read at once is copied once. */
const READ_SIZE: number = 48 * 1024;

/** Gives `stream` as a `Duplex`, whose two directions end separately and whose end closes it. */
export function duplexOver(stream: ByteStream): Duplex {
  const buffer = new Uint8Array(READ_SIZE);
  return new Duplex({
    allowHalfOpen: true,
    read() {
      stream.read(buffer).then(
        (count) => this.push(count === null ? null : buffer.slice(0, count)),
        (cause) => this.destroy(errorOf(cause)),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      writeAll(stream, chunk).then(
        () => done(),
        (cause) => done(errorOf(cause)),
      );
    },
    final(done) {
      stream.closeWrite().then(() => done(), (cause) => done(errorOf(cause)));
    },
    destroy(error, done) {
      closeQuietly(stream);
      done(error);
    },
  });
}

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
