/** Bytes that leave in one write: how they are put, moved and kept. */
import assert from "node:assert/strict";
import {
  OutputBuffer,
  WriteError,
} from "../../../src/http1/write/output_buffer.ts";

const KIB = 1024;

function setUp() {
  const written: string[] = [];
  const decoder = new TextDecoder("latin1");
  const sink = {
    failure: undefined as Error | undefined,
    write(bytes: Uint8Array) {
      if (sink.failure !== undefined) return Promise.reject(sink.failure);
      written.push(decoder.decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  const out = new OutputBuffer(sink);
  const shown = () => decoder.decode(out.bytes);
  /** Fills `room` with a letter. */
  const fill = (room: Uint8Array, letter: string, count: number) => {
    room.fill(letter.charCodeAt(0), 0, count);
  };
  return { out, sink, written, shown, fill };
}

Deno.test("text and fields are put one behind the other, and written once", async () => {
  const { out, written, shown } = setUp();
  out.literal("GET / HTTP/1.1\r\n");
  out.field("X-A", "b\xff\t ");
  assert.equal(shown(), "GET / HTTP/1.1\r\nX-A: b\xff\t \r\n");
  assert.equal(out.waiting, 27);

  await out.flush();
  await out.flush();

  assert.deepEqual(written, ["GET / HTTP/1.1\r\nX-A: b\xff\t \r\n"]);
  assert.equal(out.waiting, 0);
});

/** Name and value → the character that is refused. */
const REFUSED = [
  ["X A", "b", "0020"],
  ["X:", "b", "003A"],
  ["ä", "b", "00E4"],
  ["X", "a\rb", "000D"],
  ["X", "a\nb", "000A"],
  ["X", "\0", "0000"],
  ["X", "\x7f", "007F"],
  ["X", "€", "20AC"],
] as const;

for (const [name, value, code] of REFUSED) {
  Deno.test(`a field ${JSON.stringify(name)}: ${JSON.stringify(value)} is not written`, () => {
    assert.throws(() => setUp().out.field(name, value), {
      name: "TypeError",
      message: `Cannot write a message: the character U+${code} is not ` +
        "allowed there",
    });
  });
}

Deno.test("a field has a name", () => {
  assert.throws(() => setUp().out.field("", "b"), /a field without a name/);
});

Deno.test("long text makes the buffer grow, and keeps what is before it", async () => {
  const { out, written } = setUp();
  out.literal("a");
  out.literal("b".repeat(16 * KIB));
  out.checked("c".repeat(40 * KIB), new Uint8Array(256).fill(1));
  await out.flush();
  assert.deepEqual(written, [
    "a" + "b".repeat(16 * KIB) + "c".repeat(40 * KIB),
  ]);
});

Deno.test("what is behind flushed bytes grows without them", async () => {
  const { out, written, shown } = setUp();
  out.literal("a".repeat(10));
  await out.flush();
  out.literal("b");
  out.literal("c".repeat(16 * KIB));
  assert.equal(shown().length, 16 * KIB + 1);
  await out.flush();
  assert.equal(written[1], `b${"c".repeat(16 * KIB)}`);
});

Deno.test("content is read behind what is there", async () => {
  const { out, written, fill } = setUp();
  out.literal("ab");
  const room = out.room(0, 3);
  assert.equal(room.length, 3);
  fill(room, "c", 3);
  out.take(2);
  assert.equal(out.waiting, 4);
  await out.flush();
  assert.deepEqual(written, ["abcc"]);
});

Deno.test("room has a gap at both sides, and at most 64 KiB", () => {
  const { out } = setUp();
  out.literal("ab");
  assert.equal(out.room(7, Infinity).length, 16 * KIB - 2 - 14);
  assert.equal(out.room(0, Infinity).length, 16 * KIB - 2);
  assert.equal(out.room(7, Infinity).byteOffset, 9);
  out.rewind();
  out.enlarge();
  assert.equal(out.room(7, Infinity).length, 64 * KIB);
});

Deno.test("a chunk line stands before what was read, and all before it moves up", async () => {
  const { out, written, fill } = setUp();
  out.literal("head ");
  fill(out.room(7, 99), "x", 3);
  out.takeWithPrefix("3\r\n", 3, 7);
  out.literal("\r\n");
  fill(out.room(7, 99), "y", 20);
  out.takeWithPrefix("14\r\n", 20, 7);
  await out.flush();
  out.rewind();
  fill(out.room(7, 99), "z", 2);
  out.takeWithPrefix("2\r\n", 2, 7);
  fill(out.room(2, 99), "w", 1);
  out.takeWithPrefix("1:", 1, 2);
  await out.flush();

  assert.deepEqual(written, [
    `head 3\r\nxxx\r\n14\r\n${"y".repeat(20)}`,
    "2\r\nzz1:w",
  ]);
});

Deno.test("a buffer is full with less than a quarter left", () => {
  const { out } = setUp();
  out.literal("a".repeat(12 * KIB));
  assert.equal(out.isFull, false);
  out.literal("a");
  assert.equal(out.isFull, true);
});

Deno.test("a sink that fails says so with its reason", async () => {
  const { out, sink } = setUp();
  sink.failure = new Error("reset");
  out.literal("a");
  await assert.rejects(
    out.flush(),
    (error) => error instanceof WriteError && error.cause === sink.failure,
  );
  assert.equal(out.waiting, 0);
});

Deno.test("buffers of both sizes are used again", () => {
  const first = setUp().out;
  const small = first.bytes.buffer;
  first.release();
  assert.equal(first.bytes.length, 0);
  const second = setUp().out;
  assert.equal(second.bytes.buffer, small);

  second.enlarge();
  const large = second.bytes.buffer;
  assert.equal(large.byteLength, 128 * KIB);
  assert.equal(setUp().out.bytes.buffer, small);
  second.enlarge();
  assert.equal(second.bytes.buffer, large);
  second.release();
  const third = setUp().out;
  third.enlarge();
  assert.equal(third.bytes.buffer, large);
  third.release();
});

Deno.test("a buffer that has grown is not kept, and no more than 64 are", () => {
  const { out } = setUp();
  out.literal("a".repeat(17 * KIB));
  const grown = out.bytes.buffer;
  out.release();
  const outs = Array.from({ length: 70 }, () => setUp().out);
  const buffers = new Set(outs.map(({ bytes }) => bytes.buffer));
  assert.equal(buffers.has(grown), false);
  for (const each of outs) each.release();
  const again = Array.from({ length: 70 }, () => setUp().out.bytes.buffer);
  assert.equal(again.filter((each) => buffers.has(each)).length, 64);
});
