import { encodeHuffman, huffmanLength } from "./huffman.ts";

const INITIAL_ROOM = 1024;

/** The longest integer: one octet with the prefix and five of seven bits. */
const MAX_INTEGER_OCTETS = 6;

const HUFFMAN_FLAG = 0x80;
const LENGTH_BITS = 7;

/**
 * Writes the primitives of a field block: integers and strings (RFC 7541 §5).
 * One writer serves all blocks of a connection.
 */
export class BlockWriter {
  #bytes: Uint8Array = new Uint8Array(INITIAL_ROOM);
  #end = 0;
  #block: Uint8Array = this.#bytes.subarray(0, 0);

  /** Starts an empty block. */
  clear(): void {
    this.#end = 0;
  }

  /** The written block: a view that is valid until `clear`. */
  get block(): Uint8Array {
    const same = this.#block.length === this.#end &&
      this.#block.buffer === this.#bytes.buffer;
    // A view costs as much as writing a dozen indices.
    if (!same) this.#block = this.#bytes.subarray(0, this.#end);
    return this.#block;
  }

  /**
   * Writes `value` with a prefix of `prefixBits` below the bits of `flags`
   * (RFC 7541 §5.1).
   *
   * @param value From 0 to 2^32 - 1.
   */
  integer(flags: number, prefixBits: number, value: number): void {
    if (this.#end + MAX_INTEGER_OCTETS > this.#bytes.length) {
      this.#grow(MAX_INTEGER_OCTETS);
    }
    const prefix = (1 << prefixBits) - 1;
    if (value < prefix) {
      this.#bytes[this.#end++] = flags | value;
      return;
    }
    this.#bytes[this.#end++] = flags | prefix;
    let rest = value - prefix;
    for (; rest > 0x7f; rest >>>= 7) {
      this.#bytes[this.#end++] = 0x80 | (rest & 0x7f);
    }
    this.#bytes[this.#end++] = rest;
  }

  /**
   * Writes `text`, in Huffman code when that is shorter (RFC 7541 §5.2).
   *
   * @throws {TypeError} When a character of `text` is not an octet.
   */
  string(text: string): void {
    const coded = huffmanLength(text);
    if (coded < text.length) {
      this.integer(HUFFMAN_FLAG, LENGTH_BITS, coded);
      if (this.#end + coded > this.#bytes.length) this.#grow(coded);
      this.#end = encodeHuffman(text, this.#bytes, this.#end);
      return;
    }
    this.integer(0, LENGTH_BITS, text.length);
    if (this.#end + text.length > this.#bytes.length) this.#grow(text.length);
    for (let i = 0; i < text.length; i++) {
      this.#bytes[this.#end++] = text.charCodeAt(i);
    }
  }

  #grow(room: number): void {
    const bytes = new Uint8Array(
      Math.max(this.#bytes.length * 2, this.#end + room),
    );
    bytes.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = bytes;
  }
}
