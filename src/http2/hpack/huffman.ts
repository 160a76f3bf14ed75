import { malformedBlock } from "./errors.ts";
import {
  HUFFMAN_CODES,
  HUFFMAN_CONTINUES,
  HUFFMAN_LENGTHS,
  HUFFMAN_STEPS,
} from "./huffman_table.ts";
import { latin1Buffer, latin1Text } from "../../http/latin1.ts";

/** The shortest code: no string decodes to more than 8/5 of its octets. */
const MIN_CODE_BITS = 5;

/** A code up to this long fits into 32 bits beside seven bits of the octet before. */
const MAX_DIRECT_BITS = 24;

/**
 * The length of `text` in Huffman code, in octets (RFC 7541 §5.2).
 *
 * @throws {TypeError} When a character of `text` is not an octet.
 */
export function huffmanLength(text: string): number {
  let bits = 0;
  let seen = 0;
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i);
    seen |= octet;
    bits += HUFFMAN_LENGTHS[octet & 0xff] ?? 0;
  }
  if (seen > 0xff) {
    throw new TypeError(
      "Cannot encode a field: it has a character over U+00FF, pass ISO 8859-1 text",
    );
  }
  return (bits + 7) >>> 3;
}

/**
 * Writes `text` in Huffman code into `into` at `at`, where
 * `huffmanLength(text)` octets must be free.
 *
 * @returns The end of the code.
 */
export function encodeHuffman(
  text: string,
  into: Uint8Array,
  at: number,
): number {
  let waiting = 0; // lowest bits of `pool` that are not written yet
  let pool = 0;
  let end = at;
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i);
    let code = HUFFMAN_CODES[octet] ?? 0;
    let bits = HUFFMAN_LENGTHS[octet] ?? 0;
    if (bits > MAX_DIRECT_BITS) {
      pool = (pool << 8) | (code >>> (bits - 8));
      into[end++] = pool >>> waiting;
      bits -= 8;
      code &= (1 << bits) - 1;
    }
    pool = (pool << bits) | code;
    waiting += bits;
    while (waiting >= 8) {
      waiting -= 8;
      into[end++] = pool >>> waiting;
    }
  }
  // The rest of the last octet is the start of EOS: ones.
  if (waiting > 0) into[end++] = (pool << (8 - waiting)) | (0xff >>> waiting);
  return end;
}

/**
 * Decodes the Huffman code between `start` and `end` of `bytes`, eight bits at
 * a time.
 *
 * @throws {HpackError} `compression`: EOS in the string, padding that is not
 * ones or has more than seven bits (RFC 7541 §5.2), or an incomplete code.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  const buffer = latin1Buffer(Math.floor((end - start) * 8 / MIN_CODE_BITS));
  let length = 0;
  let pool = 0;
  let waiting = 0; // lowest bits of `pool` that are not decoded yet
  let table = 0;
  for (let at = start; at < end; at++) {
    pool = (pool << 8) | (bytes[at] ?? 0);
    waiting += 8;
    while (waiting >= 8) {
      const step = HUFFMAN_STEPS[table + ((pool >>> (waiting - 8)) & 0xff)] ??
        0;
      if (step >= HUFFMAN_CONTINUES) {
        table = (step & 0xff) << 8;
        waiting -= 8;
      } else {
        if (step === 0) throw malformedBlock("a string has EOS inside");
        buffer[length++] = step;
        waiting -= step >>> 8;
        table = 0;
      }
    }
  }
  // Fewer than eight bits are left: they are looked up as if padded with ones.
  while (waiting > 0) {
    const padded = ((pool << (8 - waiting)) | (0xff >>> waiting)) & 0xff;
    const step = HUFFMAN_STEPS[table + padded] ?? 0;
    const bits = step >= HUFFMAN_CONTINUES ? 0 : step >>> 8;
    if (bits === 0 || bits > waiting) break;
    buffer[length++] = step;
    waiting -= bits;
    table = 0;
  }
  if (table !== 0) throw malformedBlock("a string ends inside a Huffman code");
  const ones = (1 << waiting) - 1;
  if ((pool & ones) !== ones) {
    throw malformedBlock("a string's padding is not ones");
  }
  return latin1Text(buffer, length);
}
