/**
 * Node's TLS on any byte stream, as a byte stream.
 *
 * For where Deno's own TLS cannot go; `tls_terminator.ts` and
 * `tls_over.ts` say why. Each direction is as fast as its taker: a write
 * resolves when the stream below has its ciphertext, and no ciphertext is read
 * while enough plaintext waits.
 */
import type { Duplex } from "node:stream";
// The two files above make the sockets; here they are only used.
import type { TLSSocket } from "node:tls";
import { abortable } from "../../async/abortable.ts";
import { deadline, timer } from "../../async/timer.ts";
import type { ByteStream } from "../stream/byte_stream.ts";
import { StreamDuplex } from "./stream_duplex.ts";

/**
 * While this many decrypted bytes wait for a reader, nothing more is read. It is
 * one read, so that another read runs while a reader takes this one;
 * a connection holds at most 128 KiB.
 */
const MAX_UNREAD: number = 64 * 1024;
/** The same in pieces: a peer that sends records of one byte makes objects that cost more than their bytes. */
const MAX_PIECES = 64;
/** What Deno's TLS encrypts in one turn; what is beyond it would be copied and wait. */
const MAX_WRITE: number = 48 * 1024;

/** How long a handshake may take, and what gives it up. */
export interface HandshakeOptions {
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** A TLS connection of Node's. One read and one write at a time. */
export class TlsSocketStream implements ByteStream {
  /** The socket, for what was agreed on. */
  readonly socket: TLSSocket;
  readonly #below: StreamDuplex;
  /** Decrypted and not read yet. */
  readonly #chunks: Uint8Array[] = [];
  #unread = 0;
  #end: "open" | "ended" | "closed" = "open";
  #failure: Error | undefined;
  /** Why there is nothing more to read, where TLS has not ended; what is written may still arrive. */
  #cut: Error | undefined;
  #changed: () => void = nothing;
  #writing: PromiseWithResolvers<void> | undefined;
  #ending: PromiseWithResolvers<void> | undefined;
  #isOpen = false;
  #verdict: Disposable | undefined;

  /**
   * @param stream What TLS is spoken on; closed with this one.
   * @param open Makes the socket.
   */
  constructor(stream: ByteStream, open: (below: Duplex) => TLSSocket) {
    this.#below = new StreamDuplex(stream, {
      // After the end of TLS, Deno would keep what comes and never look at it.
      mayRead: () =>
        this.#unread < MAX_UNREAD && this.#chunks.length < MAX_PIECES &&
        this.#end === "open",
      onEnd: () => this.#endsBelow(),
    });
    this.socket = open(this.#below);
    this.socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    this.socket.on("end", () => this.#ends("ended"));
    this.socket.on("close", () => this.#ends("closed"));
    this.socket.on("error", (error) => this.#fails(error));
    this.#below.on("error", (error) => this.#fails(error));
    this.#below.on("close", () => this.#ends("closed"));
  }

  /** Waits for the handshake. @param event What the socket says when it is done. */
  async handshake(
    event: "secure" | "secureConnect",
    { timeout, signal }: HandshakeOptions,
  ): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.socket.once(event, done.resolve);
    this.#changed = () => {
      const failure = this.#failure ?? this.#cut;
      if (failure !== undefined) done.reject(failure);
      else if (this.#end !== "open") done.reject(endedEarly());
    };
    // It may have failed before anybody listened.
    this.#changed();
    try {
      await deadline(abortable(done.promise, signal), timeout);
      this.#isOpen = true;
    } catch (cause) {
      this.close();
      throw cause;
    } finally {
      this.#changed = nothing;
    }
  }

  /** Known after the handshake. */
  get alpnProtocol(): string | undefined {
    return this.socket.alpnProtocol || undefined;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (true) {
      const [chunk] = this.#chunks;
      if (chunk !== undefined) return this.#give(chunk, into);
      const failure = this.#failure ?? this.#cut;
      if (failure !== undefined) throw failure;
      if (this.#end === "ended") return null;
      if (this.#end === "closed") throw cutShort();
      await this.#change();
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    // Node's TLS fails for an empty write.
    if (bytes.length === 0) return 0;
    const piece = bytes.subarray(0, MAX_WRITE);
    this.#throwIfFailed();
    this.#writing = Promise.withResolvers();
    await this.#send(this.#writing, (done) => this.socket.write(piece, done));
    return piece.length;
  }

  async closeWrite(): Promise<void> {
    this.#throwIfFailed();
    this.#ending = Promise.withResolvers();
    await this.#send(this.#ending, (done) => this.socket.end(done));
  }

  close(): void {
    this.#failure ??= cutShort();
    this.#verdict?.[Symbol.dispose]();
    this.#chunks.length = 0;
    this.#unread = 0;
    // The socket follows in the next turn. Deno 2.9.6 keeps one for good that is
    // destroyed in the turn that made it.
    this.#below.destroy();
  }

  #take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#unread += chunk.length;
    this.#changed();
  }

  #give(chunk: Uint8Array, into: Uint8Array): number {
    const piece = chunk.subarray(0, into.length);
    into.set(piece);
    if (piece.length === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(piece.length);
    this.#unread -= piece.length;
    this.#below.readOn();
    return piece.length;
  }

  /** Starts something, and waits until the stream below has its ciphertext. */
  async #send(
    sent: PromiseWithResolvers<void>,
    start: (done: (error?: Error | null) => void) => void,
  ): Promise<void> {
    start((error) => error ? sent.reject(error) : sent.resolve());
    await sent.promise;
    // Node says that an end is written one turn before it writes it.
    await Promise.resolve();
    await this.#below.written();
    // It forgets why a write of ciphertext failed.
    this.#throwIfFailed();
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#changed = resolve;
    return promise;
  }

  /** Node does not distinguish this from an end of TLS; the reader must (RFC 8446 §6.1). */
  #endsBelow(): void {
    // Node reports an end of TLS that came with it within this turn.
    this.#verdict = timer(0, () => {
      if (this.#end !== "open") return;
      this.#cut = this.#isOpen ? cutShort() : endedEarly();
      this.#changed();
    });
  }

  #ends(how: "ended" | "closed"): void {
    // A socket closes after its end; that changes nothing for the reader.
    if (this.#end === "open") this.#end = how;
    if (how === "closed") this.#giveUp(this.#failure ?? cutShort());
    this.#changed();
  }

  #fails(error: Error): void {
    this.#failure ??= error;
    this.#giveUp(this.#failure);
    this.#changed();
  }

  /** Node forgets what it was writing when it closes. */
  #giveUp(cause: Error): void {
    this.#writing?.reject(cause);
    this.#ending?.reject(cause);
  }
}

function nothing(): void {}

function endedEarly(): Error {
  return new Deno.errors.UnexpectedEof("closed during the TLS handshake");
}

function cutShort(): Error {
  return new Deno.errors.ConnectionReset("closed without an end of TLS");
}
