/**
 * HPACK: nothing but its own errors at any bytes, and what goes in comes out.
 *
 * @module
 */
import assert from "node:assert/strict";
import { HpackDecoder } from "../../src/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../src/http2/hpack/encoder.ts";
import { HpackError } from "../../src/http2/hpack/errors.ts";
import type { Random } from "../http2/hpack/random.ts";
import { damage, type FuzzTarget, pick, randomBytes } from "./target.ts";

const NAMES = [":path", ":status", "cookie", "authorization", "accept"];

/** Fields as an encoder takes them, repeated often enough to be indexed. */
function randomFields(random: Random): string[] {
  const fields: string[] = [];
  for (let count = random(20); count > 0; count--) {
    fields.push(random(2) === 0 ? pick(random, NAMES) : `x-${random(40)}`);
    fields.push(
      random(3) === 0
        ? String(random(9))
        : String.fromCharCode(...randomBytes(random, random(9) * 20 + 1)),
    );
  }
  return fields;
}

/** Blocks that a peer could send: good ones, damaged ones, and any bytes. */
export const HPACK_DECODER: FuzzTarget = {
  name: "HpackDecoder throws nothing but HpackError",
  round(random) {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder({ maxFieldSectionSize: 1000 });
    let outcome = "decoded";
    for (let block = random(20); block > 0; block--) {
      const good = encoder.encode(randomFields(random));
      try {
        const fields = decoder.decode(
          pick(random, [
            () => good,
            () => damage(random, good),
            () => randomBytes(random, 500),
          ])(),
        );
        assert.equal(fields.length % 2, 0);
      } catch (error) {
        if (!(error instanceof HpackError)) throw error;
        outcome = error.code;
      }
    }
    return outcome;
  },
};

/** An encoder and a decoder whose tables change size all the time. */
export const HPACK_ROUND_TRIP: FuzzTarget = {
  name: "HpackDecoder reads what HpackEncoder writes",
  round(random) {
    const encoder = new HpackEncoder({
      maxTableSize: pick(random, [0, 33, 100, 256, 4096, 20_000]),
    });
    const decoder = new HpackDecoder({
      maxTableSize: 20_000,
      maxFieldSectionSize: 1 << 20,
    });
    let changes = 0;
    for (let block = random(30); block > 0; block--) {
      for (let times = random(3); times > 0; times--) {
        encoder.setPeerMaxTableSize(random(random(2) === 0 ? 300 : 20_001));
        changes++;
      }
      const fields = randomFields(random);
      assert.deepEqual(decoder.decode(encoder.encode(fields)), fields);
    }
    return changes === 0 ? "as it was" : "resized";
  },
};
