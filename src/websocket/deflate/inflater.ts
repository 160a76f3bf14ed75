/**
 * Decompresses the messages of one direction (RFC 7692 §7.2.2). The window of
 * earlier messages stays in zlib.
 */
import { createInflateRaw, type InflateRaw } from "node:zlib";
import { sleep } from "../../async/timer.ts";
import { CloseCode, WebSocketError } from "../errors.ts";
import type { DeflateDirection } from "../extensions.ts";

/** What the sender has left out at the end of each message. */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/**
 * Input at once. One byte becomes at most 1,032 bytes: so what comes out before
 * its length is checked stays below 4.3 MB, and 10 ms of work.
 */
const PIECE = 4 * 1024;

/** Output after which everything else has a turn: zlib works on the event loop, 2 ms for so much. */
const TURN = 256 * 1024;

/** Called with how many bytes more a message has. Throws when they are too many. */
export type OnGrowth = (bytes: number) => void;

/** Decompresses messages one after the other. */
export class Inflater {
  readonly #hasNoContext: boolean;
  #zlib: InflateRaw | undefined;
  #output: Uint8Array[] = [];
  #grown = 0;
  #hasEnded = false;

  constructor({ hasNoContext }: DeflateDirection) {
    this.#hasNoContext = hasNoContext;
  }

  /**
   * The content of a message. One call at a time. After an error it is closed.
   *
   * @throws {WebSocketError} When the bytes are not compressed so.
   * @throws What `onGrowth` throws.
   */
  async inflate(
    compressed: Uint8Array,
    onGrowth: OnGrowth,
  ): Promise<Uint8Array<ArrayBuffer>> {
    this.#output = [];
    // After a final block (RFC 7692 §7.2.3.4) zlib takes nothing more.
    if (this.#hasEnded || this.#hasNoContext) this.close();
    try {
      let sinceTurn = 0;
      for (let at = 0; at < compressed.length; at += PIECE) {
        await this.#write(compressed.subarray(at, at + PIECE));
        const grown = this.#takeGrowth();
        onGrowth(grown);
        sinceTurn += grown;
        if (sinceTurn < TURN) continue;
        sinceTurn = 0;
        await sleep(0);
      }
      await this.#write(TAIL);
      onGrowth(this.#takeGrowth());
    } catch (thrown) {
      this.close();
      throw thrown;
    }
    return this.#takeOutput();
  }

  /** Gives its memory back. */
  close(): void {
    this.#zlib?.close();
    this.#zlib = undefined;
    this.#hasEnded = false;
    this.#output = [];
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#hasEnded) return;
    const zlib = this.#zlib ??= this.#open();
    const { promise, resolve } = Promise.withResolvers<void>();
    zlib.write(bytes);
    zlib.flush(() => resolve());
    await promise;
    if (!zlib.errored) return;
    throw new WebSocketError(
      CloseCode.invalidText,
      "a message cannot be decompressed",
      { cause: zlib.errored },
    );
  }

  /** In a buffer of its own, unlike `Buffer.concat()`: a plugin may get it. */
  #takeOutput(): Uint8Array<ArrayBuffer> {
    const length = this.#output.reduce((sum, { length }) => sum + length, 0);
    const content = new Uint8Array(length);
    let at = 0;
    for (const piece of this.#output) {
      content.set(piece, at);
      at += piece.length;
    }
    this.#output = [];
    return content;
  }

  #takeGrowth(): number {
    const grown = this.#grown;
    this.#grown = 0;
    return grown;
  }

  #open(): InflateRaw {
    // The largest window reads what any smaller one has written.
    const zlib = createInflateRaw();
    zlib.on("data", (bytes: Uint8Array) => {
      this.#grown += bytes.length;
      this.#output.push(bytes);
    });
    zlib.on("end", () => this.#hasEnded = true);
    // It is in `errored`; without a listener it would end the program.
    zlib.on("error", () => {});
    return zlib;
  }
}
