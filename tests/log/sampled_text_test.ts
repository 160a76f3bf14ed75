import assert from "node:assert/strict";

import { SampledText } from "../../src/log/sampled_text.ts";

function sample(
  bytes: Uint8Array,
  type?: string,
  coding?: string,
): string {
  const text = new SampledText(type, coding);
  for (let at = 0; at < bytes.length; at += 1000) {
    text.add(bytes.subarray(at, at + 1000));
  }
  return String(text);
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("text is kept, without secrets", () => {
  assert.equal(
    sample(bytesOf('{"token":"s3cr3t"}'), "application/json; charset=utf-8"),
    '{"token":"xxxxx"}',
  );
});

Deno.test("of long text the first 16 KiB are kept, and the log says how much it was", () => {
  const text = sample(bytesOf("a".repeat(20_000)), "text/plain");
  assert.equal(text, `${"a".repeat(16_384)} (the beginning of 20000 bytes)`);
});

Deno.test("bytes that are not text are named, not shown", () => {
  const bytes = bytesOf("PNG");
  assert.equal(sample(bytes, "image/png"), "(3 bytes of image/png)");
  assert.equal(sample(bytes), "(3 bytes of unknown type)");
  assert.equal(sample(bytes, "text/html", "gzip"), "(3 bytes of text/html)");
});

Deno.test("no content is nothing", () => {
  assert.equal(sample(new Uint8Array(), "text/plain"), "");
});
