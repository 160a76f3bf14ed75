import { strictEqual, throws } from "node:assert/strict";
import { BlockWriter } from "../../../src/http2/hpack/block_writer.ts";
import { hexOf } from "./hex.ts";

// The first three are appendix C.1; the others are edges of the octets.
const INTEGERS: readonly (readonly [number, number, string])[] = [
  [10, 5, "0a"],
  [1337, 5, "1f9a0a"],
  [42, 8, "2a"],
  [30, 5, "1e"],
  [31, 5, "1f00"],
  [158, 5, "1f7f"],
  [159, 5, "1f8001"],
  [2 ** 31, 4, "0ff1ffffff07"],
  [2 ** 32 - 1, 5, "1fe0ffffff0f"],
];

for (const [value, prefixBits, hex] of INTEGERS) {
  Deno.test(`BlockWriter writes ${value} with a ${prefixBits}-bit prefix as ${hex}`, () => {
    const writer = new BlockWriter();

    writer.integer(0, prefixBits, value);

    strictEqual(hexOf(writer.block), hex);
  });
}

Deno.test("BlockWriter keeps the flags above the prefix", () => {
  const writer = new BlockWriter();

  writer.integer(0xe0, 5, 31);

  strictEqual(hexOf(writer.block), "ff00");
});

Deno.test("BlockWriter writes a string in Huffman code when that is shorter", () => {
  const writer = new BlockWriter();

  writer.string("no-cache");

  strictEqual(hexOf(writer.block), "86a8eb10649cbf");
});

Deno.test("BlockWriter writes a string as it is when Huffman code is not shorter", () => {
  const writer = new BlockWriter();

  writer.string("{}\u00e9");
  // Eight bits in either code.
  writer.string("X");

  strictEqual(hexOf(writer.block), "037b7de90158");
});

Deno.test("BlockWriter grows without losing what is written", () => {
  const writer = new BlockWriter();
  const text = "\u00e9".repeat(3000);

  writer.string("no-cache");
  writer.string(text);
  for (let i = 0; i < 5000; i++) writer.integer(0x80, 7, 2);

  const expected = "86a8eb10649cbf" + "7fb916" + "e9".repeat(3000) +
    "82".repeat(5000);
  strictEqual(hexOf(writer.block), expected);
});

Deno.test("BlockWriter grows for a string in Huffman code", () => {
  const writer = new BlockWriter();

  writer.string("0".repeat(8000));

  strictEqual(hexOf(writer.block), "ff8926" + "00".repeat(5000));
});

Deno.test("BlockWriter returns the new block after it has grown, though it is as long as an older one", () => {
  const writer = new BlockWriter();
  writer.integer(0x80, 7, 2);
  strictEqual(hexOf(writer.block), "82");

  writer.clear();
  writer.string("\u00e9".repeat(3000));
  writer.clear();
  writer.integer(0x80, 7, 3);

  strictEqual(hexOf(writer.block), "83");
});

Deno.test("BlockWriter gives each block its own content after clear()", () => {
  const writer = new BlockWriter();

  writer.integer(0x80, 7, 2);
  strictEqual(hexOf(writer.block), "82");
  writer.clear();
  strictEqual(hexOf(writer.block), "");
  writer.integer(0x80, 7, 3);

  strictEqual(hexOf(writer.block), "83");
});

Deno.test("BlockWriter refuses a character that is not an octet", () => {
  throws(() => new BlockWriter().string("\u20ac"), TypeError);
});
