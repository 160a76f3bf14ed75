/** Frames of a WebSocket, however they are cut. */
import assert from "node:assert/strict";
import { WebSocketError } from "../../../src/websocket/errors.ts";
import { WebSocketFrameReader } from "../../../src/websocket/frames/frame_reader.ts";

function reading(
  bytes: readonly number[],
  { piece = bytes.length, isMasked = false } = {},
) {
  const sizes: number[] = [];
  let at = 0;
  const reader = new WebSocketFrameReader({
    read(into) {
      sizes.push(into.length);
      const part = bytes.slice(at, at + Math.min(piece, into.length));
      into.set(part);
      at += part.length;
      return Promise.resolve(part.length === 0 ? null : part.length);
    },
  }, isMasked);
  return { reader, sizes };
}

/** All payloads, each read in parts of `part` bytes. */
async function payloads(
  reader: WebSocketFrameReader,
  part = 99,
): Promise<number[][]> {
  const all: number[][] = [];
  for (;;) {
    const head = await reader.readHead();
    if (head === undefined) return all;
    const payload: number[] = [];
    while (payload.length < head.length) {
      const into = new Uint8Array(Math.min(part, head.length - payload.length));
      await reader.readPayload(into, head, payload.length);
      payload.push(...into);
    }
    all.push(payload);
  }
}

const MASK = [1, 2, 4, 8];
const PLAIN = [0x81, 3, 10, 11, 12, 0x89, 0, 0x82, 5, 1, 2, 3, 4, 5];
const MASKED = [
  ...[0x81, 0x85, ...MASK],
  ...[10, 11, 12, 13, 14].map((byte, at) => byte ^ (MASK[at % 4] ?? 0)),
  ...[0x89, 0x80, ...MASK],
];

for (const piece of [1, 2, 3, 7, 99]) {
  Deno.test(`WebSocketFrameReader reads frames that come ${piece} bytes at a time`, async () => {
    const plain = reading(PLAIN, { piece });
    assert.deepEqual(await payloads(plain.reader, 2), [
      [10, 11, 12],
      [],
      [1, 2, 3, 4, 5],
    ]);
    const masked = reading(MASKED, { piece, isMasked: true });
    assert.deepEqual(await payloads(masked.reader, 3), [
      [10, 11, 12, 13, 14],
      [],
    ]);
  });
}

Deno.test("WebSocketFrameReader reads ahead 16 KiB, and longer payloads to where they go", async () => {
  const size = 40_000;
  const { reader, sizes } = reading([
    ...[0x82, 126, size >> 8, size & 0xff],
    ...new Array<number>(size).fill(7),
  ], { piece: 30_000 });
  const head = await reader.readHead();
  assert.ok(head);
  const into = new Uint8Array(size);

  await reader.readPayload(into, head);

  assert.deepEqual(new Set(into), new Set([7]));
  const ahead = 16 * 1024;
  assert.deepEqual(sizes, [
    ...[ahead, size + 4 - ahead],
    ...[size + 4 - ahead - 30_000].filter((left) => left > 0),
  ]);
});

Deno.test("a side masks all its frames or none", async () => {
  const wrong = async (bytes: readonly number[], isMasked: boolean) => {
    const { reader } = reading(bytes, { isMasked });
    await assert.rejects(reader.readHead(), (error) => {
      assert.ok(error instanceof WebSocketError);
      const what = isMasked ? "is not masked" : "is masked";
      return error.message.includes(`a frame ${what}`);
    });
  };
  await wrong(PLAIN, true);
  await wrong(MASKED, false);
});

Deno.test("a side that ends inside a frame is cut short", async () => {
  const half = reading([0x81]);
  await assert.rejects(half.reader.readHead(), Deno.errors.UnexpectedEof);

  const { reader } = reading([0x81, 3, 10, 11]);
  const head = await reader.readHead();
  assert.ok(head);
  await assert.rejects(
    reader.readPayload(new Uint8Array(3), head),
    Deno.errors.UnexpectedEof,
  );
});

/** What is buffered after the first frame → whether a final frame is there. */
const BUFFERED: readonly (readonly [readonly number[], boolean])[] = [
  [[], false],
  [[0x81], false],
  [[0x81, 2, 7], false],
  [[0x81, 2, 7, 8], true],
  [[0x01, 1, 7], false],
  [[0x80, 1, 7], true],
  [[0x81, 0], true],
  [[0x83, 1, 7], false],
];

for (const [bytes, isThere] of BUFFERED) {
  Deno.test(`hasFinalFrame is ${isThere} with [${bytes}] buffered`, async () => {
    const { reader } = reading([0x89, 0, ...bytes]);
    assert.equal(reader.hasFinalFrame, false);
    await reader.readHead();
    assert.equal(reader.hasFinalFrame, isThere);
  });
}
