import assert from "node:assert/strict";
import { constants, inflateRawSync } from "node:zlib";
import { Deflater } from "../../../src/websocket/deflate/deflater.ts";
import { concat } from "../../testing/byte_scanner.ts";

const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
const TICK = new TextEncoder().encode("a tick of the clock, number 1234567");

/** The contents of messages, joined. */
function read(...payloads: readonly Uint8Array[]): string {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  const stream = payloads.flatMap((payload) => [payload, TAIL]);
  return inflateRawSync(concat(stream), options).toString();
}

Deno.test("with a context, a message like the one before costs few bytes", async () => {
  const deflater = new Deflater({ hasNoContext: false, windowBits: 15 });

  const first = await deflater.deflate(TICK);
  const second = await deflater.deflate(TICK);
  deflater.close();

  assert.equal(read(first), "a tick of the clock, number 1234567");
  assert.ok(second.length < 8, String(second.length));
  assert.equal(
    read(first, second),
    "a tick of the clock, number 1234567".repeat(2),
  );
});

Deno.test("without a context, each message can be read alone", async () => {
  const deflater = new Deflater({ hasNoContext: true, windowBits: 9 });

  const payloads = [
    await deflater.deflate(TICK),
    await deflater.deflate(new Uint8Array(0)),
    await deflater.deflate(TICK),
  ];

  assert.deepEqual(payloads.map((each) => read(each)), [
    "a tick of the clock, number 1234567",
    "",
    "a tick of the clock, number 1234567",
  ]);
});

Deno.test("a window of 8 bits never refers further back than 256 bytes", async () => {
  const deflater = new Deflater({ hasNoContext: false, windowBits: 8 });
  const noise = crypto.getRandomValues(new Uint8Array(252));
  const content = concat([TICK, noise, TICK]);

  const payload = await deflater.deflate(content);
  deflater.close();

  // The second tick begins 287 bytes after the first: it must be spelt out.
  assert.ok(payload.length > TICK.length + noise.length + 20);
});

Deno.test("long content is compressed whole, and other work has a turn in between", async () => {
  const content = new Uint8Array(300 * 1024);
  for (let at = 0; at < content.length; at += 65_536) {
    crypto.getRandomValues(content.subarray(at, at + 65_536));
  }
  const deflater = new Deflater({ hasNoContext: false, windowBits: 15 });
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const payload = await deflater.deflate(content);
  clearInterval(timer);
  deflater.close();

  const plain = inflateRawSync(concat([payload, TAIL]), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  assert.ok(plain.equals(content));
  assert.ok(turns >= 3, `${turns}`);
});
