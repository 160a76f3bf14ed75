import { strictEqual } from "node:assert/strict";
import {
  HUFFMAN_CODES,
  HUFFMAN_LENGTHS,
} from "../../../src/http2/hpack/huffman_table.ts";

// Appendix B: the first and last code of many lengths, and odd ones between.
const CODES: readonly (readonly [symbol: number, bits: string])[] = [
  [0, "1111111111000"],
  [1, "11111111111111111011000"],
  [10, "111111111111111111111111111100"],
  [32, "010100"],
  [33, "1111111000"],
  [48, "00000"],
  [58, "1011100"],
  [88, "11111100"],
  [92, "1111111111111110000"],
  [116, "01001"],
  [122, "1111011"],
  [124, "11111111100"],
  [128, "11111111111111100110"],
  [195, "1111111111111110001"],
  [199, "1111111111111111111101100"],
  [207, "1111111111111111111101101"],
  [220, "1111111111111111111111111101"],
  [249, "1111111111111111111111111110"],
  [255, "11111111111111111111101110"],
  [256, "111111111111111111111111111111"],
];

Deno.test("the Huffman codes are those of appendix B", () => {
  for (const [symbol, bits] of CODES) {
    const code = (HUFFMAN_CODES[symbol] ?? 0).toString(2);
    strictEqual(code.padStart(HUFFMAN_LENGTHS[symbol] ?? 0, "0"), bits);
  }
});

Deno.test("the Huffman code is complete: no bits mean nothing", () => {
  let used = 0;
  for (const length of HUFFMAN_LENGTHS) used += 2 ** -length;

  strictEqual(HUFFMAN_LENGTHS.length, 257);
  strictEqual(used, 1);
});
