import assert from "node:assert/strict";

import {
  httpsOrigin,
  listenAddress,
  pair,
  size,
  sizeWithin,
  wholeNumber,
} from "../../../src/config/values/values.ts";

const ORIGINS = [
  ["lab.example", "https://lab.example"],
  ["lab.example:8443", "https://lab.example:8443"],
  ["https://LAB.example:443/", "https://lab.example"],
  ["[::1]:8443", "https://[::1]:8443"],
] as const;

for (const [words, origin] of ORIGINS) {
  Deno.test(`httpsOrigin() reads ${words}`, () => {
    assert.equal(httpsOrigin().parse(words), origin);
  });
}

for (
  const words of [
    "http://lab.example",
    "https://lab.example/path",
    "https://u:p@lab.example",
    "https://",
    "",
    "a b",
  ]
) {
  Deno.test(`httpsOrigin() refuses "${words}"`, () => {
    assert(!httpsOrigin().safeParse(words).success);
  });
}

Deno.test("listenAddress() takes a missing host for all interfaces", () => {
  const read = (words: string) => listenAddress().parse(words);

  assert.deepEqual(read(":8032"), { hostname: "0.0.0.0", port: 8032 });
  assert.deepEqual(read("[::1]:80"), { hostname: "::1", port: 80 });
  assert(!listenAddress().safeParse("host").success);
  assert(!listenAddress().safeParse("host:99999").success);
});

Deno.test("pair() splits at the first separator", () => {
  assert.deepEqual(pair("=").parse("a=b=c"), { name: "a", value: "b=c" });
  assert(!pair("=").safeParse("=b").success);
  assert(!pair(":").safeParse("name").success);
});

for (const words of ["", "1.5", "-1", "0x10", "65", "0", "1e1"]) {
  Deno.test(`wholeNumber() from 1 to 64 refuses "${words}"`, () => {
    assert(!wholeNumber({ min: 1, max: 64 }).safeParse(words).success);
  });
}

Deno.test("size() reads bytes and says what it expected", () => {
  assert.equal(size().parse("512Ki"), 524_288);
  assert.match(
    size().safeParse("1M").error?.message ?? "",
    /expected a size in bytes such as 512Ki or 1Mi/,
  );
});

Deno.test("sizeWithin() takes its bounds, and says them about what is beyond", () => {
  const codec = sizeWithin({ min: 8 * 1024, max: 512 * 1024 });

  for (const [text, bytes] of [["8Ki", 8192], ["512Ki", 524_288]] as const) {
    assert.equal(codec.parse(text), bytes);
    assert.equal(codec.encode(bytes), text);
  }
  for (const text of ["8191", "524289", "0", "much", ""]) {
    const { error } = codec.safeParse(text);
    assert.equal(
      error?.issues[0]?.message,
      "expected a size in bytes from 8Ki to 512Ki",
      text,
    );
  }
});
