/** Content read into memory up to a limit, and passed on with its beginning. */
import assert from "node:assert/strict";
import { bytesBody } from "../../../src/http/bytes_body.ts";
import type { Body } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import {
  type Beginning,
  checkedLimit,
  DEFAULT_LIMIT,
  MAX_CONTENT,
  PrefixedBody,
  readUpTo,
} from "../../../src/plugin/results/content.ts";

const KIB = 1024;

Deno.test("a limit is a number from above 0 to 64 MiB", () => {
  assert.equal(DEFAULT_LIMIT, 1_048_576);
  assert.equal(MAX_CONTENT, 67_108_864);
  for (const limit of [1, 0.5, MAX_CONTENT]) {
    assert.equal(checkedLimit(limit), limit);
  }
  for (const limit of [0, -1, MAX_CONTENT + 1, NaN, "1", undefined]) {
    assert.throws(() => checkedLimit(limit), {
      name: "TypeError",
      message: `"limit" is ${limit}, use 1 to 67108864 bytes`,
    });
  }
});

interface Source {
  readonly size: number;
  readonly length?: number | undefined;
  /** Most bytes that come at once. */
  readonly piece?: number;
  readonly failure?: Error;
}

/** Reads content of so many bytes. */
function reading(
  { size, length, piece = Infinity, failure }: Source,
  limit: number,
) {
  const reserved: number[] = [];
  const kept: Beginning[] = [];
  const failures: unknown[] = [];
  let left = size;
  const body: Body = {
    length,
    trailers: undefined,
    read(into) {
      if (left === 0 && failure !== undefined) return Promise.reject(failure);
      if (left === 0) return Promise.resolve(null);
      const count = Math.min(left, piece, into.length);
      for (let at = 0; at < count; at++) into[at] = size - left + at;
      left -= count;
      return Promise.resolve(count);
    },
    cancel() {},
  };
  const options = {
    reserve: (bytes: number): Promise<void> =>
      Promise.resolve(void reserved.push(bytes)),
    keep: (beginning: Beginning) => void kept.push(beginning),
    onFailure: ({ thrown }: { readonly thrown: unknown }) =>
      void failures.push(thrown),
  };
  return {
    read: () => readUpTo(body, limit, options),
    reserved,
    kept,
    failures,
    options,
  };
}

/** Size, declared length and limit → memory that is reserved, bytes and whether they are all. */
const READ: readonly (readonly [
  Source,
  number,
  readonly number[],
  number,
  boolean,
])[] = [
  [{ size: 0 }, 100, [101], 0, true],
  [{ size: 5, length: 5 }, 100, [6], 5, true],
  [{ size: 100, length: 100 }, 100, [101], 100, true],
  [{ size: 101, length: 101 }, 100, [101], 101, false],
  [{ size: 101 }, 100, [101], 101, false],
  [{ size: 5 }, 100 * KIB, [16 * KIB + 1], 5, true],
  [
    { size: 70 * KIB },
    100 * KIB,
    [16 * KIB + 1, 32 * KIB + 2, 64 * KIB + 4, 100 * KIB + 1],
    70 * KIB,
    true,
  ],
  [{ size: 9, length: 2, piece: 1 }, 100, [3, 6, 12], 9, true],
];

for (const [source, limit, reserved, count, isWhole] of READ) {
  Deno.test(`${source.size} bytes, declared as ${source.length}, are read up to ${limit}`, async () => {
    const content = reading(source, limit);

    const { bytes, ...rest } = await content.read();

    assert.deepEqual(rest, { isWhole });
    assert.equal(bytes.length, count);
    assert.ok(bytes.every((byte, at) => byte === at % 256));
    assert.deepEqual(content.reserved, reserved);
    assert.deepEqual(content.kept, []);
  });
}

Deno.test("what was read is kept when the content fails", async () => {
  const failure = new Error("reset");
  const content = reading({ size: 3, failure }, 100);

  await assert.rejects(content.read(), failure);

  assert.deepEqual(content.failures, [failure]);
  assert.deepEqual(content.kept, [
    { bytes: Uint8Array.of(0, 1, 2), isWhole: false },
  ]);
});

Deno.test("what was read is kept when memory is refused", async () => {
  const content = reading({ size: 9, length: 2 }, 100);
  const refusal = new Error("no room");
  content.options.reserve = (bytes) =>
    bytes > 3 ? Promise.reject(refusal) : Promise.resolve();

  await assert.rejects(content.read(), refusal);

  assert.deepEqual(content.failures, []);
  assert.deepEqual(content.kept.map(({ bytes }) => bytes.length), [3]);
});

function prefixed(beginning: string, rest: string, isWhole = rest === "") {
  const heard: string[] = [];
  const encoder = new TextEncoder();
  const inner = bytesBody(encoder.encode(rest));
  const trailers = new Fields();
  const body = new PrefixedBody(encoder.encode(beginning), {
    length: undefined,
    trailers,
    read: (into) => inner.read(into),
    cancel: (reason) => void heard.push(`cancel ${reason}`),
  }, {
    length: 7,
    isWhole,
    release: () => heard.push("release"),
  });
  const read = async (size = 99) => {
    const into = new Uint8Array(size);
    const count = await body.read(into);
    return count === null
      ? null
      : new TextDecoder().decode(into.subarray(0, count));
  };
  return { body, heard, read, trailers };
}

Deno.test("PrefixedBody has its beginning first, which is let go once it is read", async () => {
  const { body, heard, read, trailers } = prefixed("abc", "def");
  assert.equal(body.length, 7);
  assert.equal(body.trailers, trailers);
  assert.equal(body.whole, undefined);

  assert.equal(await read(2), "ab");
  assert.deepEqual(heard, []);
  assert.equal(await read(), "c");
  assert.deepEqual(heard, ["release"]);
  assert.equal(await read(), "def");
  assert.equal(await read(), null);
  assert.deepEqual(heard, ["release"]);
});

Deno.test("PrefixedBody is whole while nobody has read or cancelled it", async () => {
  const first = prefixed("abc", "");
  assert.deepEqual(first.body.whole, new TextEncoder().encode("abc"));
  await first.read(1);
  assert.equal(first.body.whole, undefined);

  const second = prefixed("abc", "");
  second.body.cancel("enough");
  assert.equal(second.body.whole, undefined);
  assert.deepEqual(second.heard, ["release", "cancel enough"]);
  assert.equal(await second.read(), null);
});
