import { strictEqual, throws } from "node:assert/strict";
import { HpackError } from "../../../src/http2/hpack/errors.ts";
import {
  decodeHuffman,
  encodeHuffman,
  huffmanLength,
} from "../../../src/http2/hpack/huffman.ts";
import { hexOf, octets } from "./hex.ts";

// From appendix C.4 and C.6, and codes of 5 and 30 bits from appendix B.
const CODED: readonly (readonly [text: string, code: string])[] = [
  ["", ""],
  ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
  ["no-cache", "a8eb10649cbf"],
  ["302", "6402"],
  [
    "Mon, 21 Oct 2013 20:13:21 GMT",
    "d07abe941054d444a8200595040b8166e082a62d1bff",
  ],
  ["\n", "fffffff3"],
  ["0\n0", "07ffffff80"],
];

for (const [text, code] of CODED) {
  const title = JSON.stringify(text);

  Deno.test(`encodeHuffman() writes ${title} as the RFC does`, () => {
    strictEqual(encoded(text), code);
  });

  Deno.test(`decodeHuffman() reads ${title} as the RFC does`, () => {
    strictEqual(decoded(code), text);
  });
}

Deno.test("every pair of octets comes back from Huffman code", () => {
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      const text = String.fromCharCode(first, second);
      strictEqual(decoded(encoded(text)), text);
    }
  }
});

Deno.test("decodeHuffman() takes padding of every length from 0 to 7 bits", () => {
  // "a" has five bits: the lengths of these run through all remainders of 8.
  for (let count = 1; count <= 8; count++) {
    const text = "a".repeat(count);
    strictEqual(decoded(encoded(text)), text);
  }
});

Deno.test("decodeHuffman() reads only what is between start and end", () => {
  const bytes = octets("0000 6402 0000");

  strictEqual(decodeHuffman(bytes, 2, 4), "302");
});

const REFUSED: readonly (readonly [what: string, code: string])[] = [
  ["EOS as the whole string", "ffffffff"],
  ["EOS after a symbol", "07ffffffff"],
  ["EOS before a symbol", "fffffffc1f"],
  ["an octet of padding alone", "ff"],
  ["an octet of padding too many", "6402ff"],
  ["eleven bits of padding", "3fff"],
  ["padding with zeros", "00"],
  ["padding with a zero at its end", "3e"],
  ["padding with a zero at its start", "3b"],
  ["a code that is cut short after eight bits", "fe"],
  ["a code that is cut short after 24 bits", "fffffe"],
];

for (const [what, code] of REFUSED) {
  Deno.test(`decodeHuffman() refuses ${what}`, () => {
    throws(
      () => decoded(code),
      (error) => error instanceof HpackError && error.code === "compression",
    );
  });
}

Deno.test("huffmanLength() refuses a character that is not an octet", () => {
  strictEqual(huffmanLength("\u00ff"), 4);
  throws(() => huffmanLength("a\u0100"), TypeError);
});

function encoded(text: string): string {
  const room = new Uint8Array(huffmanLength(text));
  strictEqual(encodeHuffman(text, room, 0), room.length);
  return hexOf(room);
}

function decoded(code: string): string {
  const bytes = octets(code);
  return decodeHuffman(bytes, 0, bytes.length);
}
