import { strictEqual, throws } from "node:assert/strict";
import { BlockReader } from "../../../src/http2/hpack/block_reader.ts";
import { HpackError } from "../../../src/http2/hpack/errors.ts";
import { octets } from "./hex.ts";

// The first three are appendix C.1.
const INTEGERS: readonly (readonly [string, number, number])[] = [
  ["0a", 5, 10],
  ["1f9a0a", 5, 1337],
  ["2a", 8, 42],
  ["ff00", 5, 31],
  ["1f8000", 5, 31],
  ["7fffffff7f", 7, 2 ** 28 - 1 + 127],
];

for (const [hex, prefixBits, value] of INTEGERS) {
  Deno.test(`BlockReader reads ${hex} with a ${prefixBits}-bit prefix as ${value}`, () => {
    const reader = reading(hex);

    strictEqual(reader.integer(prefixBits), value);
    strictEqual(reader.ended, true);
  });
}

const REFUSED_INTEGERS: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["a prefix alone", "1f"],
  ["an integer that is cut short", "1f80"],
  ["a fifth octet after the prefix", "1f8080808000"],
  ["an integer over 2^32", "1fffffffffffff0f"],
  ["endless zeros", "1f" + "80".repeat(1000)],
];

for (const [what, hex] of REFUSED_INTEGERS) {
  Deno.test(`BlockReader refuses ${what} as an integer`, () => {
    throws(() => reading(hex).integer(5), isMalformed);
  });
}

Deno.test("BlockReader reads strings one after the other", () => {
  const reader = reading("86a8eb10649cbf 00 037b7de9");

  strictEqual(reader.string(), "no-cache");
  strictEqual(reader.string(), "");
  strictEqual(reader.string(), "{}\u00e9");
  strictEqual(reader.ended, true);
});

const REFUSED_STRINGS: readonly (readonly [string, string])[] = [
  ["without a length", ""],
  ["that ends before its length", "036162"],
  ["in Huffman code that ends before its length", "86a8eb10649c"],
  ["of 256 MiB in a block of five octets", "7fffffff7f"],
];

for (const [what, hex] of REFUSED_STRINGS) {
  Deno.test(`BlockReader refuses a string ${what}`, () => {
    throws(() => reading(hex).string(), isMalformed);
  });
}

Deno.test("BlockReader peeks without going on, and sees 0 at the end", () => {
  const reader = reading("82");

  strictEqual(reader.peek(), 0x82);
  strictEqual(reader.integer(7), 2);
  strictEqual(reader.peek(), 0);
});

function reading(hex: string): BlockReader {
  const reader = new BlockReader();
  reader.open(octets(hex));
  return reader;
}

function isMalformed(error: unknown): boolean {
  return error instanceof HpackError && error.code === "compression";
}
