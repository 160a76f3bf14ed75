/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import { copy } from "../../src/net/stream/copy.ts";
import { MessageStream } from "../../src/websocket/message_stream.ts";
import { MessageReader } from "../../src/websocket/messages/message_reader.ts";
import {
  MessageBudget,
  MessageRoom,
} from "../../src/websocket/messages/message_room.ts";
import {
  ByteScanner,
  bytesOf,
  concat,
  textOf,
  writeAll,
} from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../testing/memory_duplex.ts";
import { patternBytes } from "../testing/pattern.ts";
import { type RawFrame, rawFrame } from "./raw_frames.ts";

const MASK = [9, 8, 7, 6] as const;

/** Both ends of a WebSocket, with little room between them. */
function pair(room = 8): readonly [ByteStream, ByteStream] {
  const [one, other] = createMemoryDuplex(room);
  return [
    new MessageStream(one, { isClient: true }),
    new MessageStream(other, { isClient: false }),
  ];
}

/** A server's end, and a client that writes frames bit by bit. */
function rawPair(): {
  readonly stream: MessageStream;
  readonly far: MemoryConn;
  readonly send: (...frames: readonly RawFrame[]) => Promise<void>;
  /** The next item as text: `binary`, `ping p`, `close 1000 why`, `end`. */
  readonly next: () => Promise<string>;
} {
  const [far, near] = createMemoryDuplex(1 << 20);
  const reader = new MessageReader(far, {
    isMasked: false,
    deflate: undefined,
    room: new MessageRoom(new MessageBudget()),
  });
  return {
    far,
    stream: new MessageStream(near, { isClient: false }),
    send: (...frames) =>
      writeAll(
        far,
        concat(frames.map((frame) => rawFrame({ mask: MASK, ...frame }))),
      ),
    async next() {
      const item = await within(reader.next(), "a frame");
      if (item === undefined) return "end";
      if (item.kind === "message") {
        return textOf(item.data as Uint8Array);
      }
      const { kind, payload } = item;
      if (kind !== "close") return `${kind} ${textOf(payload)}`;
      const code = (payload[0] ?? 0) * 256 + (payload[1] ?? 0);
      return `close ${code} ${textOf(payload.subarray(2))}`.trim();
    },
  };
}

async function readText(stream: ByteStream, count: number): Promise<string> {
  return textOf(await new ByteScanner(stream).readExactly(count));
}

Deno.test("MessageStream carries bytes both ways, in whatever pieces", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (up, down) => {
      const [client, server] = pair(64);
      const send = async (stream: ByteStream, list: readonly number[]) => {
        for (const size of list) await writeAll(stream, patternBytes(size));
      };
      const total = (list: readonly number[]) =>
        list.reduce((a, b) => a + b, 0);
      const [, , atServer, atClient] = await Promise.all([
        send(client, up),
        send(server, down),
        new ByteScanner(server).readExactly(total(up)),
        new ByteScanner(client).readExactly(total(down)),
      ]);
      const wanted = (list: readonly number[]) =>
        concat(list.map((size) => patternBytes(size)));
      assert.deepEqual(atServer, wanted(up));
      assert.deepEqual(atClient, wanted(down));
    }),
    { numRuns: 20 },
  );
});

Deno.test("MessageStream leaves the bytes of its caller as they are", async () => {
  const [client, server] = pair();
  const bytes = patternBytes(1_000);

  const [, got] = await Promise.all([
    writeAll(client, bytes),
    new ByteScanner(server).readExactly(1_000),
  ]);

  assert.deepEqual(bytes, patternBytes(1_000));
  assert.deepEqual(got, bytes);
});

Deno.test("MessageStream takes fragments, and control frames between them", async () => {
  const { stream, send, next } = rawPair();

  await send(
    { opcode: 2, payload: "ab", isFinal: false },
    { opcode: 9, payload: "are you there" },
    { opcode: 0, payload: "", isFinal: false },
    { opcode: 0, payload: "cd" },
    { opcode: 10, payload: "unasked" },
    { opcode: 2, payload: "ef" },
  );

  assert.equal(await readText(stream, 6), "abcdef");
  assert.equal(await next(), "pong are you there");
});

Deno.test("MessageStream gives what has come of a frame, before its end", async () => {
  const { stream, far } = rawPair();
  const whole = rawFrame({ opcode: 2, payload: "abcdef", mask: MASK });

  await writeAll(far, whole.subarray(0, -3));

  assert.equal(await readText(stream, 3), "abc");
});

Deno.test("MessageStream ends in order: both ends close", async () => {
  const { stream, send, next } = rawPair();
  const reading = stream.read(new Uint8Array(10));

  await send({ opcode: 8 });

  assert.equal(await reading, null);
  assert.equal(await next(), "close 1000");
  await assert.rejects(stream.write(bytesOf("late")), /closed/);
});

Deno.test("MessageStream.closeWrite() closes, and still reads what the peer sends", async () => {
  const { stream, send, next } = rawPair();

  await stream.closeWrite();
  await send({ opcode: 2, payload: "rest" }, { opcode: 8 });

  assert.equal(await next(), "close 1000");
  assert.equal(await readText(stream, 4), "rest");
  assert.equal(await stream.read(new Uint8Array(1)), null);
});

Deno.test("MessageStream.close() says that it goes, and closes the stream", async () => {
  const { stream, next } = rawPair();

  stream.close();
  stream.close();

  assert.equal(await next(), "close 1001");
  assert.equal(await next(), "end");
});

Deno.test("MessageStream.close() ends a stream whose peer takes nothing", async () => {
  const [far, near] = createMemoryDuplex(8);
  const stream = new MessageStream(near, { isClient: false });
  const stuck = stream.write(patternBytes(1_000));
  const failed = assert.rejects(stuck);

  stream.close();

  await within(failed, "the write to fail");
  far.close();
});

for (
  const [what, frames, code] of [
    ["a text", [{ opcode: 1, payload: "a" }], 1003],
    ["an unknown opcode", [{ opcode: 3 }], 1002],
    ["a compressed message", [{ opcode: 2, reserved: 4 }], 1002],
    ["a reserved bit", [{ opcode: 2, reserved: 1 }], 1002],
    ["a continuation of nothing", [{ opcode: 0, payload: "a" }], 1002],
    [
      "a message inside another",
      [{ opcode: 2, isFinal: false }, { opcode: 2 }],
      1002,
    ],
    ["a frame without a mask", [{ opcode: 2, mask: undefined }], 1002],
    ["a long ping", [{ opcode: 9, payload: new Uint8Array(126) }], 1002],
    ["a ping in fragments", [{ opcode: 9, isFinal: false }], 1002],
    ["half a close code", [{ opcode: 8, payload: "a" }], 1002],
    ["a close code that nobody may send", [{
      opcode: 8,
      payload: Uint8Array.of(0x03, 0xed),
    }], 1002],
  ] as const
) {
  Deno.test(`MessageStream closes with ${code} after ${what}`, async () => {
    const { stream, send, next } = rawPair();
    await send(...frames);

    await assert.rejects(stream.read(new Uint8Array(10)), {
      name: "WebSocketError",
    });
    assert.match(await next(), new RegExp(`^close ${code} `));
    assert.equal(await stream.read(new Uint8Array(10)), null);
  });
}

Deno.test("MessageStream fails when the peer is cut inside a frame", async () => {
  const { stream, far } = rawPair();
  await writeAll(
    far,
    rawFrame({ opcode: 2, payload: "abc", mask: MASK }).slice(0, -1),
  );
  await far.closeWrite();

  await assert.rejects(copy(stream, stream), /inside a frame/);
});

Deno.test("MessageStream holds one pong for a peer that takes nothing", async () => {
  const [far, near] = createMemoryDuplex(4);
  const stream = new MessageStream(near, { isClient: false });
  const reading = stream.read(new Uint8Array(1));
  const flood = concat(
    Array.from(
      { length: 1_000 },
      (_, at) => rawFrame({ opcode: 9, payload: `${at}`, mask: MASK }),
    ),
  );
  await within(writeAll(far, flood), "the pings to be taken");
  await writeAll(far, rawFrame({ opcode: 2, payload: "x", mask: MASK }));
  assert.equal(await reading, 1);

  const pongs: string[] = [];
  const scanner = new ByteScanner(far);
  while (pongs.at(-1) !== "999") {
    const [, length = 0] = await scanner.readExactly(2);
    pongs.push(textOf(await scanner.readExactly(length)));
  }
  assert.ok(pongs.length <= 3, `${pongs.length} pongs`);
});
