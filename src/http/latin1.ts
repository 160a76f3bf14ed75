/**
 * ISO 8859-1: text whose characters are bytes.
 *
 * `TextDecoder("latin1")` is Windows-1252 and changes 0x80 to 0x9F.
 */
import { Buffer } from "node:buffer";

const toString = Buffer.prototype.toString;

/** The bytes from `start` to `end` as text, one character each. */
export function decodeLatin1(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): string {
  return toString.call(bytes, "latin1", start, end);
}

/**
 * The characters of `text` as bytes.
 *
 * @throws {TypeError} When a character is above U+00FF.
 */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) {
      throw new TypeError("Cannot encode text: a character is not ISO 8859-1");
    }
    bytes[at] = code;
  }
  return bytes;
}

/** Nearly every string of a request fits; longer ones get room of their own. */
const SHARED_ROOM = 4096;

/**
 * Up to this length, spreading an array into `String.fromCharCode` is faster
 * than the call into the runtime that `Buffer` makes.
 */
const SPREAD_MAX = 24;

const shared = Buffer.from(new ArrayBuffer(SHARED_ROOM));

/** One array for each length, so that a spread is always of a whole array. */
const spreads: readonly number[][] = Array.from(
  { length: SPREAD_MAX + 1 },
  (_, length) => new Array<number>(length).fill(0),
);

/**
 * A buffer for `length` octets, to fill and pass to `latin1Text`.
 *
 * @returns A shared buffer, valid until this function is called again.
 */
export function latin1Buffer(length: number): Buffer<ArrayBuffer> {
  return length <= SHARED_ROOM ? shared : Buffer.allocUnsafe(length);
}

/** The first `length` octets of `room` as text. */
export function latin1Text(room: Buffer<ArrayBuffer>, length: number): string {
  const characters = spreads[length];
  if (characters === undefined) return room.toString("latin1", 0, length);
  for (let i = 0; i < length; i++) characters[i] = room[i] ?? 0;
  return String.fromCharCode(...characters);
}
