/** Items become frames, one caller after the other. */
import assert from "node:assert/strict";
import type { Item } from "../../../src/websocket/messages/message.ts";
import { MessageWriter } from "../../../src/websocket/messages/message_writer.ts";

function setUp({ isMasked = false, isCompressing = false } = {}) {
  const sent: number[] = [];
  const sink = {
    failure: undefined as Error | undefined,
    write(bytes: Uint8Array) {
      if (this.failure !== undefined) return Promise.reject(this.failure);
      sent.push(...bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const deflate = { hasNoContext: false, windowBits: 15 };
  const writer = new MessageWriter(sink, {
    isMasked,
    deflate: isCompressing ? deflate : undefined,
  });
  return { sent, sink, writer };
}

const text = (data: string, isCompressed = false): Item => ({
  kind: "message",
  data,
  isCompressed,
});
const PING: Item = { kind: "ping", payload: Uint8Array.of(7) };

Deno.test("MessageWriter writes texts, bytes and control frames", async () => {
  const { sent, writer } = setUp();
  await writer.write([
    text("ab"),
    { kind: "message", data: Uint8Array.of(1), isCompressed: false },
    PING,
    { kind: "pong", payload: new Uint8Array() },
    { kind: "close", payload: Uint8Array.of(3, 0xe8) },
  ]);

  assert.deepEqual(sent, [
    ...[0x81, 2, 97, 98],
    ...[0x82, 1, 1],
    ...[0x89, 1, 7],
    ...[0x8a, 0],
    ...[0x88, 2, 3, 0xe8],
  ]);
});

Deno.test("MessageWriter takes a text as it is encoded already", async () => {
  const { sent, writer } = setUp();
  await writer.write([
    {
      kind: "message",
      data: "ab",
      encoded: Uint8Array.of(99),
      isCompressed: false,
    },
  ]);
  assert.deepEqual(sent, [0x81, 1, 99]);
});

Deno.test("MessageWriter masks what goes to a site", async () => {
  const { sent, writer } = setUp({ isMasked: true });
  await writer.write([PING]);
  assert.deepEqual(sent.slice(0, 2), [0x89, 0x81]);
  assert.equal((sent[6] ?? 0) ^ (sent[2] ?? 0), 7);
});

Deno.test("MessageWriter compresses only what was compressed, where both ends can", async () => {
  const compressing = setUp({ isCompressing: true });
  await compressing.writer.write([text("aaaaaaaaaaaa", true), text("b"), PING]);
  assert.equal(compressing.sent[0], 0xc1);
  assert.ok((compressing.sent[1] ?? 99) < 12);
  assert.deepEqual(compressing.sent.slice(-6), [0x81, 1, 98, 0x89, 1, 7]);
  compressing.writer.close();

  const plain = setUp();
  await plain.writer.write([text("aa", true)]);
  assert.deepEqual(plain.sent, [0x81, 2, 97, 97]);
  plain.writer.close();
});

Deno.test("MessageWriter writes the items of one caller after those of another", async () => {
  const { sent, writer } = setUp();
  await Promise.all([
    writer.write([text("a"), text("b")]),
    writer.write([text("c")]),
  ]);
  assert.deepEqual(sent.filter((_, at) => at % 3 === 2), [97, 98, 99]);
});

Deno.test("MessageWriter tells each caller of its own failure", async () => {
  const { sent, sink, writer } = setUp();
  sink.failure = new Error("reset");
  const failing = writer.write([text("a")]);
  await assert.rejects(failing, /reset/);
  sink.failure = undefined;

  await writer.write([text("b")]);

  assert.deepEqual(sent, [0x81, 1, 98]);
});
