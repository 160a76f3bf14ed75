/** Content codings: which are known, whole content and content that flows. */
import assert from "node:assert/strict";
import {
  brotliCompressSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import {
  codingsOf,
  decompress,
  decompressed,
} from "../../../src/plugin/results/codings.ts";
import type { ByteSource } from "../../../src/plugin/results/outcomes.ts";

const TEXT = new TextEncoder().encode("hello world ".repeat(100));
const CODINGS = {
  gzip: gzipSync,
  "x-gzip": gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
} as const;

/** A source of these pieces, and whether it was cancelled. */
function sourceOf(...pieces: readonly (Uint8Array | Error)[]) {
  const left = [...pieces];
  return {
    cancelled: 0,
    pull() {
      const next = left.shift();
      return next instanceof Error
        ? Promise.reject(next)
        : Promise.resolve(next);
    },
    cancel() {
      this.cancelled++;
      return Promise.resolve();
    },
  };
}

async function all(source: ByteSource): Promise<number[]> {
  const bytes: number[] = [];
  for (;;) {
    const piece = await source.pull();
    if (piece === undefined) return bytes;
    bytes.push(...piece);
  }
}

for (const [name, encode] of Object.entries(CODINGS)) {
  Deno.test(`${name} is undone, whole and as it flows`, async () => {
    const encoded = encode(TEXT);
    assert.deepEqual(codingsOf(name), [name]);
    assert.deepEqual(
      [...await decompress(encoded, [name], TEXT.length)],
      [...TEXT],
    );
    const flowing = decompressed(
      sourceOf(encoded.subarray(0, 9), encoded.subarray(9)),
      [name],
    );
    assert.deepEqual(await all(flowing), [...TEXT]);
  });

  Deno.test(`${name} that is too long or not valid says so`, async () => {
    await assert.rejects(
      decompress(encode(TEXT), [name], TEXT.length - 1),
      /^TypeError: it is longer than 1199 bytes, read it with a higher "limit"/,
    );
    const wrong = new RegExp(`^TypeError: it is not valid ${name}$`);
    await assert.rejects(decompress(TEXT, [name], 9_999), wrong);
    await assert.rejects(all(decompressed(sourceOf(TEXT), [name])), wrong);
  });
}

Deno.test("codings are undone in the order opposite to the field's", async () => {
  assert.deepEqual(codingsOf(undefined), []);
  assert.deepEqual(codingsOf("identity"), []);
  const names = codingsOf("gzip, identity, br");
  assert.deepEqual(names, ["br", "gzip"]);
  const twice = brotliCompressSync(gzipSync(TEXT));
  assert.deepEqual([...await decompress(twice, names, 9_999)], [...TEXT]);
  assert.deepEqual(await all(decompressed(sourceOf(twice), names)), [...TEXT]);
});

Deno.test("content without a coding stays as it is", async () => {
  const source = sourceOf(TEXT);
  assert.equal(decompressed(source, []), source);
  assert.equal(await decompress(TEXT, [], 1), TEXT);
});

Deno.test("unknown codings and more than two are refused", () => {
  assert.throws(() => codingsOf("compress"), {
    name: "TypeError",
    message: 'its content coding "compress" is unknown',
  });
  assert.throws(() => codingsOf("gzip, gzip, gzip"), {
    name: "TypeError",
    message: "it is compressed 3 times",
  });
});

Deno.test("what the source throws comes out as it is", async () => {
  const failure = new Error("reset");
  const half = gzipSync(TEXT).subarray(0, 9);
  await assert.rejects(
    all(decompressed(sourceOf(half, failure), ["gzip"])),
    failure,
  );
});

Deno.test("cancelling cancels the source, before and after a read", async () => {
  for (const isBegun of [false, true]) {
    const source = sourceOf(gzipSync(TEXT));
    const flowing = decompressed(source, ["gzip"]);
    if (isBegun) await flowing.pull();
    await flowing.cancel();
    assert.equal(source.cancelled, 1);
  }
});
