import assert from "node:assert/strict";
import {
  brotliCompressSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { Fields } from "../../../src/http/fields.ts";
import { decodePrefix } from "../../../src/inspector/record/decode_prefix.ts";
import { CapturedBody } from "../../../src/inspector/record/captured_body.ts";
import {
  type ReadableBody,
  readableBody,
} from "../../../src/inspector/record/readable_body.ts";

const TEXT = new TextEncoder().encode(
  Array.from({ length: 50_000 }, (_, at) => `line ${at * 7919 % 50_000}\n`)
    .join(
      "",
    ),
);

function shown(
  bytes: Uint8Array,
  fields: readonly string[],
  limit = 1_000_000,
): ReadableBody | undefined {
  const content = new CapturedBody(limit, { onGrow() {} });
  content.onPiece(bytes);
  content.onEnd("whole");
  return readableBody(content, new Fields([...fields]));
}

const CODINGS = [
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
] as const;

for (const [coding, compress] of CODINGS) {
  const coded = compress(TEXT);

  Deno.test(`${coding}: all of it, the beginning of it, and no more than the limit`, () => {
    const whole = decodePrefix(coded, coding, 10_000_000);
    const begun = decodePrefix(coded.subarray(0, -20), coding, 10_000_000);
    const bounded = decodePrefix(coded, coding, 200_000);

    assert.deepEqual(new Uint8Array(whole?.bytes ?? []), TEXT);
    assert((begun?.bytes.length ?? 0) > 100_000);
    assert.deepEqual([whole?.isCut, bounded?.isCut], [false, true]);
    const part = new Uint8Array(bounded?.bytes ?? []);
    assert(part.length > 0 && part.length <= 200_000);
    assert.deepEqual(part, TEXT.subarray(0, part.length));
  });
}

Deno.test("what is not as it is said to be is not decoded", () => {
  assert.equal(decodePrefix(TEXT, "gzip", 1000), undefined);
  assert.equal(decodePrefix(TEXT, "lzma", 1000), undefined);
  assert.equal(decodePrefix(TEXT, "gzip, gzip, gzip", 1000), undefined);
  assert.equal(
    shown(TEXT, ["Content-Type", "text/plain", "Content-Encoding", "lzma"])
      ?.note,
    "539 kB of text/plain, which cannot be decoded from lzma.",
  );
});

Deno.test("text is shown without secrets, in its own charset", () => {
  const json = new TextEncoder().encode('{"api_key":"s3cr3t"}');
  assert.deepEqual(shown(json, ["Content-Type", "application/json"]), {
    text: '{"api_key":"xxxxx"}',
    note: undefined,
    isWhole: true,
  });
  const latin = Uint8Array.of(0xfc);
  const type = "text/plain; charset=iso-8859-1";
  assert.equal(shown(latin, ["Content-Type", type])?.text, "ü");
  const odd = "text/plain; charset=nonsense";
  assert.equal(shown(json, ["Content-Type", odd])?.text?.length, 19);
});

Deno.test("a body that is not text has a note, and so has a long one", () => {
  assert.deepEqual(shown(TEXT, ["Content-Type", "image/png"]), {
    text: undefined,
    note: "539 kB of image/png, which is not text.",
    isWhole: false,
  });
  const long = shown(TEXT, ["Content-Type", "text/plain"], 1000);
  assert.equal(long?.text?.length, 1000);
  assert.equal(long?.note, "The first 1.0 kB of 539 kB.");
  assert.equal(long?.isWhole, false);
  assert.equal(shown(new Uint8Array(), []), undefined);
  const bomb = gzipSync(new Uint8Array(10_000_000).fill(97));
  const fields = ["Content-Type", "text/plain", "Content-Encoding", "gzip"];
  const unfolded = shown(bomb, fields);
  assert((unfolded?.text?.length ?? Infinity) <= 1024 * 1024);
  assert.match(
    unfolded?.note ?? "",
    /^Decoded from gzip. The first .* of the decoded text/,
  );
});
