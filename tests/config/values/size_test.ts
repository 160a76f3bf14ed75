import assert from "node:assert/strict";

import { formatSize, parseSize } from "../../../src/config/values/size.ts";

const SIZES = [
  ["0", 0, "0"],
  ["1000", 1000, "1000"],
  ["1.5Ki", 1536, "1536"],
  ["1024", 1024, "1Ki"],
  ["1Mi", 1_048_576, "1Mi"],
  ["2Gi", 2_147_483_648, "2Gi"],
] as const;

for (const [text, bytes, shortest] of SIZES) {
  Deno.test(`parseSize() reads ${text}, formatSize() writes ${shortest}`, () => {
    assert.equal(parseSize(text), bytes);
    assert.equal(formatSize(bytes), shortest);
    assert.equal(parseSize(shortest), bytes);
  });
}

for (const text of ["", "Mi", "-1", "1M", "1 Mi", "1mi", "9".repeat(20)]) {
  Deno.test(`parseSize() refuses "${text}"`, () => {
    assert.equal(parseSize(text), undefined);
  });
}
