import { malformedBlock } from "./errors.ts";
import { decodeHuffman } from "./huffman.ts";
import { latin1Buffer, latin1Text } from "../../http/latin1.ts";

/**
 * Octets that may follow an integer's prefix. Four make 2^28, more than any of
 * our indices, strings or tables; a longer integer is an attack (RFC 7541
 * §7.4).
 */
const MAX_CONTINUATION = 4;

const HUFFMAN_FLAG = 0x80;
const LENGTH_BITS = 7;
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Reads the primitives of a field block: integers and strings (RFC 7541 §5).
 * One reader serves all blocks of a connection.
 */
export class BlockReader {
  #bytes = NOTHING;
  #at = 0;

  /** Goes to the start of `block`, which must not change until `close`. */
  open(block: Uint8Array): void {
    this.#bytes = block;
    this.#at = 0;
  }

  /** Releases the block. */
  close(): void {
    this.open(NOTHING);
  }

  /** Whether the whole block was read. */
  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The octet at the current position, without passing it; 0 at the end. */
  peek(): number {
    return this.#at < this.#bytes.length ? this.#bytes[this.#at] ?? 0 : 0;
  }

  /**
   * Reads an integer whose first octet holds it in the low `prefixBits` (RFC
   * 7541 §5.1).
   *
   * @throws {HpackError} `compression`: it is cut short or over 2^28.
   */
  integer(prefixBits: number): number {
    const prefix = (1 << prefixBits) - 1;
    const first = this.#octet() & prefix;
    if (first < prefix) return first;
    let value = prefix;
    for (let shift = 0; shift < MAX_CONTINUATION * 7; shift += 7) {
      const octet = this.#octet();
      value += (octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
    throw malformedBlock("an integer has too many octets");
  }

  /**
   * Reads a string (RFC 7541 §5.2).
   *
   * @throws {HpackError} `compression`: it is cut short, or its Huffman code is wrong.
   */
  string(): string {
    const huffman = (this.peek() & HUFFMAN_FLAG) !== 0;
    const length = this.integer(LENGTH_BITS);
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw malformedBlock("a string is cut short");
    this.#at = end;
    if (huffman) return decodeHuffman(this.#bytes, start, end);
    const buffer = latin1Buffer(length);
    for (let i = 0; i < length; i++) buffer[i] = this.#bytes[start + i] ?? 0;
    return latin1Text(buffer, length);
  }

  #octet(): number {
    if (this.ended) throw malformedBlock("it is cut short");
    return this.#bytes[this.#at++] ?? 0;
  }
}
