import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { HpackDecoder } from "../../../src/http2/hpack/decoder.ts";
import { HpackEncoder, indexingOf } from "../../../src/http2/hpack/encoder.ts";
import { hexOf } from "./hex.ts";
import { type Random, seededRandom } from "./random.ts";
import { HUFFMAN_REQUESTS } from "./rfc7541_examples.ts";

const COMMON = [":method", "GET", "user-agent", "a browser", "x-mode", "lab"];

Deno.test("HpackEncoder writes the requests of RFC 7541 C.4 as the RFC does", () => {
  const encoder = new HpackEncoder();

  for (const { block, fields } of HUFFMAN_REQUESTS.examples) {
    strictEqual(hexOf(encoder.encode(fields)), block.replaceAll(" ", ""));
  }
});

Deno.test("HpackEncoder writes a repeated list as one octet a field", () => {
  const encoder = new HpackEncoder();

  encoder.encode(COMMON);

  strictEqual(hexOf(encoder.encode(COMMON)), "82bfbe");
  strictEqual(hexOf(encoder.encode(COMMON)), "82bfbe");
});

Deno.test("HpackEncoder writes secrets as never-indexed literals, each time", () => {
  const encoder = new HpackEncoder();
  const secrets: readonly (readonly [string, string])[] = [
    ["authorization", "1f08"],
    ["proxy-authorization", "1f22"],
    ["set-cookie", "1f28"],
    ["cookie", "1f11"],
  ];

  for (const [name, start] of [...secrets, ...secrets]) {
    const block = hexOf(encoder.encode([name, "{}"]));
    strictEqual(block, `${start}027b7d`);
  }
});

Deno.test("HpackEncoder never indexes a secret that is larger than the table", () => {
  const encoder = new HpackEncoder({ maxTableSize: 0 });
  const secret = "{".repeat(100);
  encoder.encode([]);

  const block = hexOf(encoder.encode(["authorization", secret]));

  strictEqual(block, `1f0864${"7b".repeat(100)}`);
});

Deno.test("HpackEncoder does not add a field that would push out half the table", () => {
  const encoder = new HpackEncoder();
  const huge = ["x-huge", "{".repeat(2100)];
  encoder.encode(COMMON);

  const first = hexOf(encoder.encode(huge));

  strictEqual(first.slice(0, 2), "00");
  strictEqual(hexOf(encoder.encode(huge)), first);
  strictEqual(hexOf(encoder.encode(COMMON)), "82bfbe");
});

Deno.test("HpackEncoder says first of all when its own maximum is lower than the default", () => {
  const encoder = new HpackEncoder({ maxTableSize: 256 });

  strictEqual(hexOf(encoder.encode([":method", "GET"])), "3fe10182");
  strictEqual(hexOf(encoder.encode([":method", "GET"])), "82");
});

Deno.test("HpackEncoder says at the next block that the peer lowered the maximum", () => {
  const encoder = new HpackEncoder();
  encoder.encode(COMMON);

  encoder.setPeerMaxTableSize(0);

  strictEqual(hexOf(encoder.encode([":method", "GET"])), "2082");
  strictEqual(hexOf(encoder.encode([":method", "GET"])), "82");
});

Deno.test("HpackEncoder says the minimum and then the last when the maximum fell and rose", () => {
  const encoder = new HpackEncoder();
  encoder.encode(COMMON);

  encoder.setPeerMaxTableSize(1000);
  encoder.setPeerMaxTableSize(10);
  encoder.setPeerMaxTableSize(4096);
  const block = hexOf(encoder.encode([":method", "GET"]));

  strictEqual(block, "2a" + "3fe11f" + "82");
});

Deno.test("HpackEncoder takes no more than its own maximum from the peer", () => {
  const encoder = new HpackEncoder();

  encoder.setPeerMaxTableSize(2 ** 32 - 1);

  strictEqual(hexOf(encoder.encode([":method", "GET"])), "82");
});

Deno.test("HpackEncoder uses a larger table once the peer allows it, and says so", () => {
  const encoder = new HpackEncoder({ maxTableSize: 65_536 });
  strictEqual(hexOf(encoder.encode([":method", "GET"])), "82");

  encoder.setPeerMaxTableSize(8192);

  strictEqual(hexOf(encoder.encode([":method", "GET"])), "3fe13f82");
});

Deno.test("HpackEncoder stays in step after a list that it could not encode", () => {
  const encoder = new HpackEncoder({ maxTableSize: 8192 });
  const decoder = new HpackDecoder();
  decoder.decode(encoder.encode(COMMON));
  encoder.setPeerMaxTableSize(1000);

  throws(() => encoder.encode(["x-new", "1", "x-bad", "\u20ac"]), TypeError);
  throws(() => encoder.encode([":method"]), TypeError);

  for (let round = 0; round < 3; round++) {
    const fields = ["x-new", "1", ...COMMON];
    deepStrictEqual(decoder.decode(encoder.encode(fields)), fields);
  }
});

Deno.test("HpackEncoder says a lowered maximum even if the first try failed", () => {
  const encoder = new HpackEncoder();
  encoder.setPeerMaxTableSize(0);

  throws(() => encoder.encode(["x-bad", "\u20ac"]), TypeError);

  strictEqual(hexOf(encoder.encode([":method", "GET"])), "2082");
});

Deno.test("HpackEncoder refuses sizes that cannot be", () => {
  throws(() => new HpackEncoder({ maxTableSize: -1 }), RangeError);
  throws(() => new HpackEncoder({ maxTableSize: 2 ** 21 }), RangeError);
  throws(() => new HpackEncoder().setPeerMaxTableSize(2 ** 32), RangeError);
  throws(() => new HpackEncoder().setPeerMaxTableSize(-1), RangeError);
});

Deno.test("HpackDecoder reads what HpackEncoder writes, whatever the lists and table sizes", () => {
  const random = seededRandom();
  for (let connection = 0; connection < 40; connection++) {
    const maxTableSize = pick(random, [0, 33, 100, 256, 4096, 20_000]);
    const encoder = new HpackEncoder({ maxTableSize });
    const decoder = new HpackDecoder({
      maxTableSize: 20_000,
      maxFieldSectionSize: 1 << 20,
    });
    for (let block = 0; block < 100; block++) {
      const changes = random(10) === 0 ? 1 + random(3) : 0;
      for (let i = 0; i < changes; i++) {
        encoder.setPeerMaxTableSize(random(random(2) === 0 ? 300 : 20_001));
      }
      const fields = randomFields(random);
      deepStrictEqual(decoder.decode(encoder.encode(fields)), fields);
    }
  }
});

function randomFields(random: Random): string[] {
  const names = [":path", ":status", "cookie", "authorization", "accept"];
  const fields: string[] = [];
  const count = random(20);
  for (let i = 0; i < count; i++) {
    const name = random(2) === 0 ? pick(random, names) : `x-${random(40)}`;
    fields.push(name, randomValue(random));
  }
  return fields;
}

/** Few short values, so that many repeat; or text; or any octets; or a long one. */
function randomValue(random: Random): string {
  switch (random(4)) {
    case 0:
      return pick(random, ["", "200", "404", "/", "gzip, deflate"]);
    case 1:
      return `value ${random(30)} of many, with digits`;
    case 2:
      return randomText(random, random(40));
    default:
      return randomText(random, random(random(20) === 0 ? 9000 : 300));
  }
}

function randomText(random: Random, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += String.fromCharCode(random(256));
  return text;
}

function pick<T extends string | number>(
  random: Random,
  choices: readonly [T, ...T[]] | readonly T[],
): T {
  return choices[random(choices.length)] ?? pick(random, choices);
}

const SECRETS: readonly (readonly [string, string])[] = [
  ["authorization", "Basic dXNlcjprZXk="],
  ["proxy-authorization", "Basic dXNlcjprZXk="],
  ["set-cookie", "id=1"],
  ["cookie", "pin=1234"],
  ["cookie", "1234567890123456789"],
];

for (const [name, value] of SECRETS) {
  Deno.test(`indexingOf() keeps "${name}" of ${value.length} octets out of every table`, () => {
    strictEqual(indexingOf(name, value), "never");
  });
}

Deno.test("indexingOf() adds a cookie that is too long to guess", () => {
  strictEqual(indexingOf("cookie", "12345678901234567890"), "incremental");
});

Deno.test("indexingOf() does not add what is new each time", () => {
  strictEqual(indexingOf(":path", "/a"), "without");
  strictEqual(indexingOf("content-length", "7"), "without");
});

Deno.test("indexingOf() adds all other fields", () => {
  strictEqual(indexingOf("user-agent", "x"), "incremental");
  strictEqual(indexingOf("x-anything", ""), "incremental");
});
