/** Compresses the messages of one direction (RFC 7692 §7.2.1). */
import { Buffer } from "node:buffer";
import { constants, createDeflateRaw, type DeflateRaw } from "node:zlib";
import { sleep } from "../../async/timer.ts";
import type { DeflateDirection } from "../extensions.ts";

/** A block without content (RFC 7692 §7.2.3.6): zlib writes none if nothing has come since the last. */
const EMPTY_MESSAGE = Uint8Array.of(0x00);
/** Four bytes that the receiver adds again. */
const TAIL = 4;
/** Input after which everything else has a turn: zlib works on the event loop, 2 ms for so much. */
const PIECE = 64 * 1024;
/** zlib's least level: the one between two ends in a lab that costs least time. */
const LEVEL = 1;

/** Compresses messages one after the other. */
export class Deflater {
  readonly #agreed: DeflateDirection;
  #zlib: DeflateRaw | undefined;
  #output: Uint8Array[] = [];

  constructor(agreed: DeflateDirection) {
    this.#agreed = agreed;
  }

  /** The payload of a message with this content. One call at a time. */
  async deflate(content: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    if (content.length === 0) return EMPTY_MESSAGE.slice();
    const zlib = this.#zlib ??= this.#open();
    for (let at = 0; at < content.length; at += PIECE) {
      if (at > 0) await sleep(0);
      const { promise, resolve } = Promise.withResolvers<void>();
      zlib.write(content.subarray(at, at + PIECE), () => resolve());
      await promise;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    zlib.flush(constants.Z_SYNC_FLUSH, () => resolve());
    await promise;
    const joined = Buffer.concat(this.#output);
    if (this.#agreed.hasNoContext) this.close();
    this.#output = [];
    return new Uint8Array(
      joined.buffer,
      joined.byteOffset,
      joined.length - TAIL,
    );
  }

  /** Gives its memory back. */
  close(): void {
    this.#zlib?.close();
    this.#zlib = undefined;
  }

  #open(): DeflateRaw {
    // With 8, zlib takes a window of 9 bits. It never looks back further than
    // 250 bytes in that, which a reader with 8 bits has.
    const { windowBits } = this.#agreed;
    const zlib = createDeflateRaw({ windowBits, level: LEVEL });
    zlib.on("data", (bytes: Uint8Array) => this.#output.push(bytes));
    // Without a listener it would end the program.
    zlib.on("error", () => {});
    return zlib;
  }
}
