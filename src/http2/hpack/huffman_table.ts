/**
 * The Huffman code of RFC 7541 appendix B as look-up tables.
 *
 * The code is canonical: codes of one length are consecutive numbers in the
 * order of their symbols, and shorter codes come first. So the codes and the
 * decoding tables follow from the lengths.
 */

/** The end-of-string symbol: it may not appear in a string (RFC 7541 §5.2). */
const EOS = 256;

/** Bits of one step of decoding. */
const STEP_BITS = 8;
const STEP_SIZE = 1 << STEP_BITS;

/** The length of each symbol's code in bits, 5 to 30. */
// deno-fmt-ignore
export const HUFFMAN_LENGTHS: Uint8Array = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, // 0x00
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, // 0x10
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, // 0x20
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, // 0x30
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, // 0x40
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, // 0x50
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, // 0x60
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, // 0x70
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, // 0x80
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, // 0x90
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, // 0xa0
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, // 0xb0
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, // 0xc0
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, // 0xd0
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, // 0xe0
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, // 0xf0
  30, // EOS
);

/** Each symbol's code, in the low bits. */
export const HUFFMAN_CODES: Uint32Array = canonicalCodes();

/** Flag in an entry of `HUFFMAN_STEPS`: the code continues in another table. */
export const HUFFMAN_CONTINUES = 0x8000;

/**
 * The decoding tables, of 256 entries each. The start of the current table plus
 * the next eight bits of a string is the index of an entry:
 *
 * - a symbol in the low byte and, above it, the number of its bits;
 * - or, with `HUFFMAN_CONTINUES`, the number of another table in the low byte:
 *   all eight bits belong to a longer code;
 * - or 0: the code is EOS.
 */
export const HUFFMAN_STEPS: Uint16Array = decodingTables();

function canonicalCodes(): Uint32Array {
  const codes = new Uint32Array(HUFFMAN_LENGTHS.length);
  let code = 0;
  for (let length = 1; length <= 30; length++) {
    code <<= 1;
    for (let symbol = 0; symbol <= EOS; symbol++) {
      if (HUFFMAN_LENGTHS[symbol] === length) codes[symbol] = code++;
    }
  }
  return codes;
}

function decodingTables(): Uint16Array {
  const entries: number[] = new Array(STEP_SIZE).fill(0);
  for (let symbol = 0; symbol < EOS; symbol++) addSymbol(entries, symbol);
  return Uint16Array.from(entries);
}

function addSymbol(entries: number[], symbol: number): void {
  const code = HUFFMAN_CODES[symbol] ?? 0;
  let bits = HUFFMAN_LENGTHS[symbol] ?? 0;
  let table = 0;
  for (; bits > STEP_BITS; bits -= STEP_BITS) {
    const at = table + ((code >>> (bits - STEP_BITS)) & (STEP_SIZE - 1));
    table = nextTable(entries, at);
  }
  const spare = STEP_BITS - bits;
  const first = table + ((code << spare) & (STEP_SIZE - 1));
  entries.fill((bits << 8) | symbol, first, first + (1 << spare));
}

/** Start of the table that the entry at `at` leads to; created if it is new. */
function nextTable(entries: number[], at: number): number {
  const entry = entries[at] ?? 0;
  if (entry !== 0) return (entry & 0xff) << STEP_BITS;
  const start = entries.length;
  entries[at] = HUFFMAN_CONTINUES | (start >>> STEP_BITS);
  for (let i = 0; i < STEP_SIZE; i++) entries.push(0);
  return start;
}
