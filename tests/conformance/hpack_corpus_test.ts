/**
 * HPACK against what six other encoders wrote: the stories of hpack-test-case.
 * Each story is one connection; two of the encoders change the table's size.
 */
import assert from "node:assert/strict";
import { HpackDecoder } from "../../src/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../src/http2/hpack/encoder.ts";
import { corpus } from "./corpora.ts";

interface Case {
  readonly "header_table_size"?: number | null;
  readonly wire: string;
  readonly headers: readonly Readonly<Record<string, string>>[];
}

/** How many stories each encoder has: fewer is not the archive that we know. */
const ENCODERS: Readonly<Record<string, number>> = {
  "haskell-http2-linear-huffman": 32,
  "nghttp2": 32,
  "nghttp2-16384-4096": 31,
  "nghttp2-change-table-size": 31,
  "node-http2-hpack": 32,
  "swift-nio-hpack-huffman": 32,
};

const stories = corpus("hpack-test-case.tar.gz");

for (const [encoder, count] of Object.entries(ENCODERS)) {
  Deno.test({
    ...stories.needed,
    name: `HpackDecoder reads every story of ${encoder}`,
    async fn() {
      const all = await storiesOf(encoder);

      for (const [path, cases] of all) {
        const decoder = new HpackDecoder({ maxTableSize: largest(cases) });
        for (const [at, { wire, headers }] of cases.entries()) {
          const decoded = decoder.decode(Uint8Array.fromHex(wire));
          assert.deepEqual(decoded, flat(headers), `${path}, case ${at}`);
        }
      }
      assert.equal(all.size, count);
    },
  });

  Deno.test({
    ...stories.needed,
    name: `HpackDecoder reads ${encoder}'s stories as HpackEncoder writes them`,
    async fn() {
      for (const [path, cases] of await storiesOf(encoder)) {
        const maxTableSize = largest(cases);
        const encoder = new HpackEncoder({ maxTableSize });
        const decoder = new HpackDecoder({ maxTableSize });
        for (
          const [at, { header_table_size: tableSize, headers }] of cases
            .entries()
        ) {
          if (typeof tableSize === "number") {
            encoder.setPeerMaxTableSize(tableSize);
          }
          const block = encoder.encode(flat(headers));
          const decoded = decoder.decode(block);
          assert.deepEqual(decoded, flat(headers), `${path}, case ${at}`);
        }
      }
    },
  });
}

async function storiesOf(
  encoder: string,
): Promise<ReadonlyMap<string, readonly Case[]>> {
  const files = await stories.read(new RegExp(`/${encoder}/story_.*\\.json$`));
  return new Map(
    [...files].map(([path, text]) => [path, JSON.parse(text).cases]),
  );
}

/** The largest table of a story, at least the one that a connection begins with. */
function largest(cases: readonly Case[]): number {
  return Math.max(
    4096,
    ...cases.map(({ header_table_size: size }) => size ?? 0),
  );
}

/** Names and values in turn. */
function flat(headers: Case["headers"]): string[] {
  return headers.flatMap((header) => Object.entries(header).flat());
}
