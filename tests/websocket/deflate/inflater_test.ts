import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { Deflater } from "../../../src/websocket/deflate/deflater.ts";
import { Inflater } from "../../../src/websocket/deflate/inflater.ts";
import type { DeflateDirection } from "../../../src/websocket/extensions.ts";

const KEEPING: DeflateDirection = { hasNoContext: false, windowBits: 15 };
const ALONE: DeflateDirection = { hasNoContext: true, windowBits: 15 };

/** A message as RFC 7692 §7.2.1 makes it. */
function compressed(content: string | Uint8Array): Uint8Array {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  return deflateRawSync(content, options).subarray(0, -4);
}

function noMatter(): void {}

async function textOf(
  inflater: Inflater,
  bytes: Uint8Array,
): Promise<string> {
  return new TextDecoder().decode(await inflater.inflate(bytes, noMatter));
}

Deno.test("the examples of RFC 7692 §7.2.3 are read", async () => {
  const inflater = new Inflater(KEEPING);
  const hello = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00);
  // It refers to the first.
  const again = Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00);
  const stored = Buffer.from("00050 0faff48656c6c6f00".replace(" ", ""), "hex");
  const final = Buffer.from("f348cdc9c9070000", "hex");
  const twoBlocks = Buffer.from(
    "f248050000 00ffffcac9c90700".replace(" ", ""),
    "hex",
  );

  assert.equal(await textOf(inflater, hello), "Hello");
  assert.equal(await textOf(inflater, again), "Hello");
  assert.equal(await textOf(inflater, stored), "Hello");
  assert.equal(await textOf(inflater, Uint8Array.of(0x00)), "");
  assert.equal(await textOf(inflater, twoBlocks), "Hello");
  assert.equal(await textOf(inflater, final), "Hello");
  assert.equal(await textOf(inflater, hello), "Hello");
  inflater.close();
});

Deno.test("without a context, a message that refers to another cannot be read", async () => {
  const inflater = new Inflater(ALONE);
  const hello = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00);

  assert.equal(await textOf(inflater, hello), "Hello");
  assert.equal(await textOf(inflater, hello), "Hello");
  await assert.rejects(
    textOf(inflater, Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00)),
    { name: "WebSocketError", code: 1007 },
  );
});

Deno.test("bytes that are not compressed close with 1007", async () => {
  const inflater = new Inflater(KEEPING);

  await assert.rejects(
    inflater.inflate(Uint8Array.of(0xff, 0xff, 0xff), noMatter),
    { name: "WebSocketError", code: 1007 },
  );
});

Deno.test("a bomb is stopped near the limit, not at its end", async () => {
  const inflater = new Inflater(KEEPING);
  const bomb = compressed(new Uint8Array(200_000_000));
  const limit = 1_000_000;
  let length = 0;

  await assert.rejects(
    inflater.inflate(bomb, (bytes) => {
      length += bytes;
      if (length > limit) throw new Error("too much");
    }),
    /too much/,
  );

  assert.ok(bomb.length < 200_000, String(bomb.length));
  assert.ok(length < 6_000_000, String(length));
});

Deno.test("what is compressed here is read here, and by zlib, whatever is agreed", async () => {
  const content = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constantFrom("", "tick", "a".repeat(70_000), "tick tock ".repeat(900)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { maxLength: 12 }),
      fc.boolean(),
      fc.integer({ min: 8, max: 15 }),
      async (contents, hasNoContext, windowBits) => {
        const deflater = new Deflater({ hasNoContext, windowBits });
        const inflater = new Inflater({ hasNoContext, windowBits });
        for (const text of contents) {
          const bytes = new TextEncoder().encode(text);
          const payload = await deflater.deflate(bytes);
          const back = await inflater.inflate(payload, noMatter);
          assert.equal(Buffer.compare(back, bytes), 0);
        }
        deflater.close();
        inflater.close();
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("a large message leaves other work its turn", async () => {
  const content = crypto.getRandomValues(new Uint8Array(65_536));
  const large = Buffer.concat(Array.from({ length: 60 }, () => content));
  const deflater = new Deflater(KEEPING);
  const inflater = new Inflater(KEEPING);
  let turns = 0;
  const beside = setInterval(() => turns += 1, 0);

  const payload = await deflater.deflate(large);
  const turnsOfDeflater = turns;
  const back = await inflater.inflate(payload, noMatter);
  clearInterval(beside);

  assert.equal(Buffer.compare(back, large), 0);
  assert.ok(turnsOfDeflater > 5, String(turnsOfDeflater));
  assert.ok(turns - turnsOfDeflater > 5, String(turns));
  deflater.close();
  inflater.close();
});
