/** @module */
import assert from "node:assert/strict";
import { ByteScanner, bytesOf, textOf } from "./byte_scanner.ts";
import {
  digestOf,
  digestReader,
  patternBytes,
  patternDigest,
} from "./pattern.ts";

/** Gives `bytes` in pieces of `size`. */
function readerOf(bytes: Uint8Array, size: number): ByteScanner {
  let at = 0;
  return new ByteScanner({
    read(into) {
      const piece = bytes.subarray(at, at + Math.min(size, into.byteLength));
      at += piece.byteLength;
      into.set(piece);
      return Promise.resolve(piece.byteLength || null);
    },
  });
}

Deno.test("the pattern shows a lost, a doubled and a moved byte", async () => {
  const bytes = patternBytes(200_000);
  const moved = bytes.slice();
  moved.copyWithin(0, 65_536, 131_072);

  assert.deepEqual(
    await digestReader(readerOf(bytes, 777)),
    patternDigest(200_000),
  );
  assert.notDeepEqual(digestOf([moved]), patternDigest(200_000));
  assert.notDeepEqual(digestOf([bytes.subarray(1)]), patternDigest(199_999));
});

Deno.test("scanner finds a marker that comes in pieces, and keeps the rest", async () => {
  const scanner = readerOf(bytesOf("head\r\n\r\nbodyrest"), 3);

  assert.equal(await scanner.readThrough("\r\n\r\n"), "head\r\n\r\n");
  assert.equal(textOf(await scanner.readExactly(4)), "body");
  assert.equal(textOf(await scanner.readAll()), "rest");
  assert.equal(await scanner.readThrough("x"), undefined);
});

Deno.test("scanner reports bytes that end too early", async () => {
  await assert.rejects(
    readerOf(bytesOf("half"), 9).readThrough("\n"),
    /ended inside "half"/,
  );
  await assert.rejects(
    readerOf(bytesOf("half"), 9).readExactly(5),
    /Got 4 of 5 bytes/,
  );
});
