/** Content that is decoded as far as it came and as far as there is room. */
import assert from "node:assert/strict";
import {
  brotliCompressSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { decodePrefix } from "../../../src/inspector/record/decode_prefix.ts";

const TEXT = new TextEncoder().encode(
  Array.from({ length: 2_000 }, (_, at) => `line ${at * 7919 % 2_003}\n`)
    .join(""),
);
const PLENTY = 1_000_000;

const CODINGS = {
  gzip: gzipSync,
  "x-gzip": gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
} as const;

for (const [coding, encode] of Object.entries(CODINGS)) {
  Deno.test(`decodePrefix() decodes ${coding}, whole, cut off and up to a limit`, () => {
    const encoded = encode(TEXT);
    const whole = decodePrefix(encoded, coding.toUpperCase(), PLENTY);
    assert.deepEqual(bytes(whole), [...TEXT]);
    assert.equal(whole?.isCut, false);
    assert.equal(decodePrefix(encoded, coding, TEXT.length)?.isCut, false);

    const half = decodePrefix(encoded.subarray(0, -20), coding, PLENTY);
    assert.equal(half?.isCut, false);
    // The last block of zstd comes as a whole, and this is the only one.
    if (coding !== "zstd") assertPrefix(bytes(half));

    const limited = decodePrefix(encoded, coding, TEXT.length - 1);
    assert.equal(limited?.isCut, true);
    if (coding !== "zstd") assertPrefix(bytes(limited));
    assert.ok(bytes(limited).length < TEXT.length);
  });
}

Deno.test("decodePrefix() leaves content without a coding as it is", () => {
  for (const codings of [undefined, "", "identity", "identity, identity"]) {
    const decoded = decodePrefix(TEXT, codings, 3);
    assert.deepEqual(decoded, { bytes: TEXT, isCut: false });
  }
});

Deno.test("decodePrefix() takes two codings, the last one first, and no more", () => {
  const twice = brotliCompressSync(gzipSync(TEXT));
  const decoded = decodePrefix(twice, "gzip, identity, br", PLENTY);
  assert.deepEqual(bytes(decoded), [...TEXT]);
  assert.equal(decodePrefix(twice, "br, gzip", PLENTY), undefined);
  const thrice = gzipSync(twice);
  assert.equal(decodePrefix(thrice, "gzip, br, gzip", PLENTY), undefined);
});

Deno.test("decodePrefix() is cut off when any coding was", () => {
  const inner = gzipSync(crypto.getRandomValues(new Uint8Array(40_000)));
  const decoded = decodePrefix(gzipSync(inner), "gzip, gzip", 39_000);
  assert.equal(decoded?.isCut, true);
});

Deno.test("decodePrefix() knows nothing of other codings and of bytes in none", () => {
  assert.equal(decodePrefix(TEXT, "compress", PLENTY), undefined);
  assert.equal(decodePrefix(TEXT, "gzip", PLENTY), undefined);
  assert.equal(decodePrefix(gzipSync(TEXT), "deflate", PLENTY), undefined);
});

function bytes(decoded: { readonly bytes: Uint8Array } | undefined): number[] {
  return [...decoded?.bytes ?? []];
}

function assertPrefix(decoded: readonly number[]): void {
  assert.ok(decoded.length > 0);
  assert.deepEqual(decoded, [...TEXT.subarray(0, decoded.length)]);
}
