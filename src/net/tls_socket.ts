/**
 * Node's TLS on any byte stream, as a byte stream.
 *
 * For where Deno's own TLS cannot go; `tls_terminator.ts` and
 * `tls_over.ts` say why. An end of the stream below counts as an end even
 * where TLS has not said its own: Node does not tell them apart. Messages that
 * were cut short are seen by their length, those that end with the connection
 * are not.
 *
 * @module
 */
import type { Duplex } from "node:stream";
// The two files above make the sockets; here they are only used.
import type { TLSSocket } from "node:tls";
import { abortable } from "../async/abortable.ts";
import { deadline } from "../async/timer.ts";
import type { ByteStream } from "./byte_stream.ts";

/** How long a handshake may take, and what gives it up. */
export interface HandshakeOptions {
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** A TLS connection of Node's. One read and one write at a time. */
export class TlsSocketStream implements ByteStream {
  readonly #socket: TLSSocket;
  readonly #below: Duplex;
  #rest: Uint8Array | undefined;
  #end: "open" | "ended" | "closed" = "open";
  #failure: Error | undefined;
  #changed: () => void = nothing;

  /** @param below What `socket` was made on; closed with it. */
  constructor(socket: TLSSocket, below: Duplex) {
    this.#socket = socket;
    this.#below = below;
    socket.on("readable", () => this.#changed());
    socket.on("end", () => this.#ends("ended"));
    socket.on("close", () => this.#ends("closed"));
    socket.on("error", (error) => this.#fails(error));
    below.on("error", (error) => this.#fails(error));
  }

  /** Waits for the handshake. @param event What the socket says when it is done. */
  async handshake(
    event: "secure" | "secureConnect",
    { timeout, signal }: HandshakeOptions,
  ): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#socket.once(event, done.resolve);
    this.#changed = () => {
      if (this.#failure !== undefined) done.reject(this.#failure);
      else if (this.#end !== "open") done.reject(endedEarly());
    };
    // It may have failed before anybody listened.
    this.#changed();
    try {
      await deadline(abortable(done.promise, signal), timeout);
    } catch (cause) {
      this.close();
      throw cause;
    } finally {
      this.#changed = nothing;
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (true) {
      const chunk = this.#rest ?? this.#next();
      if (chunk !== undefined) {
        const piece = chunk.subarray(0, into.length);
        into.set(piece);
        const rest = chunk.subarray(piece.length);
        this.#rest = rest.length === 0 ? undefined : rest;
        return piece.length;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#end === "ended") return null;
      if (this.#end === "closed") throw cutShort();
      await this.#change();
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    const written = Promise.withResolvers<number>();
    this.#socket.write(bytes, (error) => {
      if (error) written.reject(error);
      else written.resolve(bytes.length);
    });
    return written.promise;
  }

  closeWrite(): Promise<void> {
    const ended = Promise.withResolvers<void>();
    this.#socket.end((error?: Error | null) => {
      if (error) ended.reject(error);
      else ended.resolve();
    });
    return ended.promise;
  }

  close(): void {
    this.#socket.destroy();
    this.#below.destroy();
  }

  #next(): Uint8Array | undefined {
    const chunk: Uint8Array | null = this.#socket.read();
    return chunk ?? undefined;
  }

  #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#changed = resolve;
    return promise;
  }

  #ends(how: "ended" | "closed"): void {
    // A socket closes after its end; that changes nothing for the reader.
    if (this.#end === "open") this.#end = how;
    this.#changed();
  }

  #fails(error: Error): void {
    this.#failure ??= error;
    this.#changed();
  }
}

function nothing(): void {}

function endedEarly(): Error {
  return new Deno.errors.UnexpectedEof("closed during the TLS handshake");
}

function cutShort(): Error {
  return new Deno.errors.ConnectionReset("closed without an end of TLS");
}
