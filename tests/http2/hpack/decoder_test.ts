import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { HpackDecoder } from "../../../src/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../../src/http2/hpack/encoder.ts";
import {
  HpackError,
  type HpackErrorCode,
} from "../../../src/http2/hpack/errors.ts";
import { octets } from "./hex.ts";
import { type Random, seededRandom } from "./random.ts";
import { SERIES, SINGLE_FIELDS } from "./rfc7541_examples.ts";

const EXAMPLES = [...SINGLE_FIELDS, ...SERIES];

for (const { section, maxTableSize, examples } of EXAMPLES) {
  Deno.test(`HpackDecoder reads RFC 7541 ${section} and has its table afterwards`, () => {
    const decoder = new HpackDecoder({ maxTableSize });
    if (maxTableSize === 256) decoder.decode(octets("3fe101"));

    for (const { block, fields, tableSize } of examples) {
      deepStrictEqual(decoder.decode(octets(block)), fields);
      strictEqual(tableSizeOf(decoder), tableSize);
    }
  });
}

Deno.test("HpackDecoder reads an empty block as an empty list", () => {
  deepStrictEqual(new HpackDecoder().decode(octets("")), []);
});

Deno.test("HpackDecoder reads all 256 octets in names and values, in both codes", () => {
  const decoder = new HpackDecoder();
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const text = String.fromCharCode(...all);
  const raw = octets(`00 7f8101${all.toHex()} 7f8101${all.toHex()}`);

  deepStrictEqual(decoder.decode(raw), [text, text]);
  for (const char of text) {
    const fields = ["x", char.repeat(3)];
    deepStrictEqual(decoder.decode(new HpackEncoder().encode(fields)), fields);
  }
});

Deno.test("HpackDecoder keeps its strings when the block's memory is used again", () => {
  const decoder = new HpackDecoder();
  const block = octets("4003782d61 03313233");

  const fields = decoder.decode(block);
  block.fill(0);

  deepStrictEqual(fields, ["x-a", "123"]);
  deepStrictEqual(decoder.decode(octets("be")), ["x-a", "123"]);
});

Deno.test("HpackDecoder adds neither never-indexed fields nor those without indexing", () => {
  const decoder = new HpackDecoder();

  deepStrictEqual(decoder.decode(octets("1001780179 0001780179")), [
    "x",
    "y",
    "x",
    "y",
  ]);

  strictEqual(tableSizeOf(decoder), 0);
});

Deno.test("HpackDecoder evicts the oldest entry, even the one that lends its name", () => {
  const decoder = new HpackDecoder();
  // A table of 34 octets; "x: 1"; then the name of index 62 with "2".
  const block = octets("3f03 4001780131 7e0132");

  deepStrictEqual(decoder.decode(block), ["x", "1", "x", "2"]);

  deepStrictEqual(decoder.decode(octets("be")), ["x", "2"]);
  refuses(decoder, "bf", "compression");
});

/**
 * Each with its reason. Behind those that are whole, a good field follows: a
 * decoder that does not see the fault would give it back.
 */
const MALFORMED: readonly (readonly [
  what: string,
  block: string,
  reason: string,
])[] = [
  ["index 0", "80 82", "index 0 is not an entry"],
  [
    "an index past the static table while the dynamic one is empty",
    "be 82",
    "index 62 is past the end of the table",
  ],
  [
    "a name index past the tables",
    "7e0131 82",
    "index 62 is past the end of the table",
  ],
  [
    "a name index past the tables without indexing",
    "0f2f0131 82",
    "index 62 is past the end of the table",
  ],
  [
    "an index that takes five octets more",
    "ff8080808000 82",
    "an integer has too many octets",
  ],
  ["a literal without its value", "400178", "it is cut short"],
  ["a literal without its name", "40", "it is cut short"],
  ["a value that is cut short", "4001780531", "a string is cut short"],
  [
    "EOS in a Huffman string",
    "400178 84ffffffff 82",
    "a string has EOS inside",
  ],
  [
    "a table size over the limit",
    "3fe21f 82",
    "it makes the table larger than allowed",
  ],
  [
    "a table size of 0 after the first field",
    "82 20 82",
    "the table's size changes after the first field",
  ],
  [
    "the largest table size of one octet after the first field",
    "82 3e 82",
    "the table's size changes after the first field",
  ],
  ["a table size that is cut short", "3f", "it is cut short"],
];

for (const [what, block, reason] of MALFORMED) {
  Deno.test(`HpackDecoder refuses ${what}`, () => {
    throws(
      () => new HpackDecoder().decode(octets(block)),
      (error) =>
        error instanceof HpackError && error.code === "compression" &&
        error.message.includes(`: ${reason},`),
    );
  });
}

Deno.test("HpackDecoder takes the first and the last entry of both tables", () => {
  const decoder = new HpackDecoder();

  deepStrictEqual(decoder.decode(octets("81 bd")), [
    ...[":authority", "", "www-authenticate", ""],
  ]);
  deepStrictEqual(decoder.decode(octets("4001780131 4001780132 be bf")), [
    ...["x", "1", "x", "2", "x", "2", "x", "1"],
  ]);
  // Names by index, with and without indexing.
  deepStrictEqual(decoder.decode(octets("0f2e0131 7d0132 0f300133")), [
    ...["www-authenticate", "1", "www-authenticate", "2", "x", "3"],
  ]);
});

Deno.test("HpackDecoder takes every table size up to the limit at the start of a block, and none above", () => {
  // 4,096 is the default: 31 + 4,065.
  deepStrictEqual(new HpackDecoder().decode(octets("3fe11f 82")), [
    ...[":method", "GET"],
  ]);
  deepStrictEqual(new HpackDecoder().decode(octets("3e 82")), [
    ...[":method", "GET"],
  ]);
});

Deno.test("HpackDecoder takes several table sizes at the start of a block", () => {
  const decoder = new HpackDecoder();
  decoder.decode(octets("4001780131"));

  deepStrictEqual(decoder.decode(octets("20 3fe11f 82")), [":method", "GET"]);

  strictEqual(tableSizeOf(decoder), 0);
});

Deno.test("HpackDecoder takes table sizes up to its own maximum and no further", () => {
  const decoder = new HpackDecoder({ maxTableSize: 8192 });

  deepStrictEqual(decoder.decode(octets("3fe13f")), []);
  refuses(decoder, "3fe23f", "compression");
});

Deno.test("HpackDecoder goes by the default size until its SETTINGS are acknowledged", () => {
  const decoder = new HpackDecoder({ maxTableSize: 0 });
  decoder.decode(octets("4001780131"));
  deepStrictEqual(decoder.decode(octets("be")), ["x", "1"]);

  decoder.acknowledgeMaxTableSize();

  deepStrictEqual(decoder.decode(octets("2082")), [":method", "GET"]);
  refuses(decoder, "21", "compression");
});

Deno.test("HpackDecoder insists on a smaller table once its SETTINGS are acknowledged", () => {
  const decoder = new HpackDecoder({ maxTableSize: 256 });
  decoder.decode(octets("82"));

  decoder.acknowledgeMaxTableSize();

  refuses(decoder, "82", "compression");
});

Deno.test("HpackDecoder takes a list of exactly the maximum", () => {
  const decoder = new HpackDecoder({ maxFieldSectionSize: 2 * 34 });

  const fields = decoder.decode(octets("4001780131 4001780132"));

  deepStrictEqual(fields, ["x", "1", "x", "2"]);
});

Deno.test("HpackDecoder refuses a larger list, but its table stays in step", () => {
  const decoder = new HpackDecoder({ maxFieldSectionSize: 2 * 34 - 1 });

  refuses(decoder, "4001780131 4001780132", "tooLarge");

  deepStrictEqual(decoder.decode(octets("be")), ["x", "2"]);
  deepStrictEqual(decoder.decode(octets("bf")), ["x", "1"]);
});

Deno.test("HpackDecoder finds a malformed block even behind a list that is too large", () => {
  const decoder = new HpackDecoder({ maxFieldSectionSize: 10 });

  refuses(decoder, "82 82 80", "compression");
});

Deno.test("HpackDecoder ends the connection over a bomb, though the block is well-formed", () => {
  const decoder = new HpackDecoder();
  // An entry of 4,000 octets, then its index 16,000 times: 64 MB.
  decoder.decode(octets("400178 7fa01e" + "61".repeat(3999)));

  refuses(decoder, "be".repeat(16_000), "bomb");
});

for (
  const [maxFieldSectionSize, most, bomb] of [
    // An entry has 4,096 octets: 64 KiB are 16, and sixteen times as many are 256.
    [undefined, 16, 256],
    [4096, 1, 256],
    [32 * 4096, 32, 512],
  ] as const
) {
  Deno.test(`HpackDecoder with a limit of ${maxFieldSectionSize} takes ${most} large fields, and ends the connection over more than ${bomb}`, () => {
    const options = maxFieldSectionSize === undefined
      ? {}
      : { maxFieldSectionSize };
    const decoder = new HpackDecoder(options);
    decoder.decode(octets("400178 7fe01e" + "61".repeat(4063)));

    strictEqual(decoder.decode(octets("be".repeat(most))).length, 2 * most);
    refuses(decoder, "be".repeat(most + 1), "tooLarge");
    refuses(decoder, "be".repeat(bomb), "tooLarge");
    throws(() => decoder.decode(octets("be".repeat(bomb + 1))), {
      code: "bomb",
      message: new RegExp(`have over ${bomb * 4096} octets`),
    });
  });
}

Deno.test("HpackDecoder does not show values in its errors", () => {
  const decoder = new HpackDecoder({ maxFieldSectionSize: 10 });

  throws(
    () => decoder.decode(octets("4006736563726574 06736563726574")),
    (error) => error instanceof Error && !error.message.includes("secret"),
  );
});

Deno.test("HpackDecoder refuses table sizes that cannot be", () => {
  throws(() => new HpackDecoder({ maxTableSize: -1 }), RangeError);
  throws(() => new HpackDecoder({ maxTableSize: 2 ** 21 }), RangeError);
});

Deno.test("HpackDecoder throws only HpackError for random octets, and soon", () => {
  const random = seededRandom();
  const started = performance.now();
  for (let connection = 0; connection < 300; connection++) {
    const decoder = new HpackDecoder({ maxFieldSectionSize: 1000 });
    for (let block = 0; block < 20; block++) {
      decodeAnyhow(decoder, randomOctets(random, random(500)));
    }
  }
  // It takes about 0.1 s; an unbounded loop would not end.
  ok(performance.now() - started < 20_000);
});

Deno.test("HpackDecoder throws only HpackError for good blocks with wrong bits", () => {
  const random = seededRandom();
  const good = SERIES.flatMap(({ examples }) => examples);
  for (let round = 0; round < 300; round++) {
    const decoder = new HpackDecoder({ maxFieldSectionSize: 1000 });
    for (const { block } of good) {
      const bytes = octets(block);
      const at = random(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      decodeAnyhow(decoder, bytes.subarray(0, 1 + random(bytes.length)));
    }
  }
});

function decodeAnyhow(decoder: HpackDecoder, block: Uint8Array): void {
  try {
    const fields = decoder.decode(block);
    ok(fields.length % 2 === 0);
  } catch (error) {
    if (!(error instanceof HpackError)) throw error;
  }
}

function randomOctets(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(256));
}

function refuses(
  decoder: HpackDecoder,
  block: string,
  code: HpackErrorCode,
): void {
  throws(
    () => decoder.decode(octets(block)),
    (error) => error instanceof HpackError && error.code === code,
  );
}

/** The size of all entries that a peer can name, as RFC 7541 §4.1 counts. */
function tableSizeOf(decoder: HpackDecoder): number {
  let size = 0;
  for (let index = 62; index < 127; index++) {
    try {
      const [name, value] = decoder.decode(Uint8Array.of(0x80 | index));
      size += 32 + (name?.length ?? 0) + (value?.length ?? 0);
    } catch {
      // The entry does not exist: that is the end of the table.
      break;
    }
  }
  return size;
}
