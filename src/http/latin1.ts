/**
 * ISO 8859-1: text whose characters are bytes.
 *
 * `TextDecoder("latin1")` is Windows-1252 and changes 0x80 to 0x9F.
 *
 * @module
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
