import ipaddr from "ipaddr.js";
import { canonicalName } from "../address/address.ts";

/** RFC 1035 §2.3.4: 255 bytes, which is this without the dot at the end. */
export const MAX_NAME_CHARS = 253;

/** The two highest bits of a length: a label, or a pointer (RFC 1035 §4.1.4). */
const MAX_LABEL = 0x3f;
const POINTER = 0xc0;

/** A place in a message. Whatever leads past its end throws a `RangeError`. */
export class DnsReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes lie before it. */
  get at(): number {
    return this.#at;
  }

  /** Goes on `count` bytes further. */
  skip(count: number): void {
    this.#at += count;
  }

  /** Goes on at a place that {@linkcode at} gave, or was counted from it. */
  goTo(at: number): void {
    this.#at = at;
  }

  /** A number of two bytes. */
  uint16(): number {
    const value = this.#view.getUint16(this.#at);
    this.#at += 2;
    return value;
  }

  /** An address of 4 or 16 bytes; IPv6 as RFC 5952 writes it. */
  address(length: number): string {
    if (length !== 4 && length !== 16) throw new RangeError("No IP address");
    const bytes = this.#slice(this.#at, length);
    this.#at += length;
    return ipaddr.fromByteArray(Array.from(bytes)).toString();
  }

  /** A name in lower case, without the dot at the end, wherever its labels stand. */
  name(): string {
    let name = "";
    let at = this.#at;
    let end: number | undefined;
    // Each pointer must lead further back than the one before it: no loops.
    let earliest = at;
    for (;;) {
      const length = this.#view.getUint8(at);
      if (length === 0) break;
      if (length <= MAX_LABEL) {
        const label = this.#slice(at + 1, length);
        name += `${String.fromCharCode(...label)}.`;
        if (name.length > MAX_NAME_CHARS + 1) throw new RangeError("Too long");
        at += 1 + length;
        continue;
      }
      const target = this.#view.getUint16(at) & 0x3fff;
      if (length < POINTER || target >= earliest) throw new RangeError("Loop");
      end ??= at + 2;
      at = earliest = target;
    }
    this.#at = end ?? at + 1;
    return canonicalName(name);
  }

  #slice(at: number, length: number): Uint8Array {
    if (at + length > this.#bytes.length) throw new RangeError("Cut short");
    return this.#bytes.subarray(at, at + length);
  }
}
