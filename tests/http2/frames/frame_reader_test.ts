/** Frames come out as they went in, however the connection cuts them. */
import assert from "node:assert/strict";
import { ErrorCode, Http2Error } from "../../../src/http2/errors.ts";
import {
  CLIENT_PREFACE,
  Flag,
  FrameType,
  HEADER_SIZE,
  writeFrameHeader,
} from "../../../src/http2/frames/frame_header.ts";
import {
  FrameReader,
  readBufferSize,
} from "../../../src/http2/frames/frame_reader.ts";
import {
  type ReadBuffer,
  ReadBufferPool,
} from "../../../src/http2/frames/read_buffer_pool.ts";

const MAX_FRAME = 16_384;
const KIB = 1024;

/** A frame on stream 1 in bytes. */
function frame(
  type: number,
  payload: readonly number[] | Uint8Array,
  { flags = 0, streamId = 1 } = {},
): Uint8Array {
  const { length } = payload;
  const bytes = new Uint8Array(HEADER_SIZE + length);
  writeFrameHeader(bytes, 0, { length, type, flags, streamId });
  bytes.set(payload, HEADER_SIZE);
  return bytes;
}

/** Several frames one after the other. */
function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

interface Options {
  readonly piece?: number;
  readonly expectPreface?: boolean;
  readonly bufferSize?: number;
  /** Called with each piece of content. */
  readonly onContent?: (buffer: ReadBuffer) => void;
  readonly onFrame?: (reader: FrameReader) => void;
}

/** Reads `bytes` in pieces; what the handler saw, and the reader. */
function read(bytes: Uint8Array, {
  piece = bytes.length,
  expectPreface = false,
  bufferSize = readBufferSize(MAX_FRAME),
  onContent,
  onFrame,
}: Options = {}) {
  const seen: string[] = [];
  const rooms: number[] = [];
  let content: number[] = [];
  const pool = new ReadBufferPool(bufferSize);
  const reader: FrameReader = new FrameReader({
    onFrame({ type, length }, payload) {
      assert.equal(payload.length, length);
      seen.push(`frame ${type} [${payload}]`);
      onFrame?.(reader);
    },
    onData: ({ length }, padding) => seen.push(`data ${length} ${padding}`),
    onContent(buffer, start, end) {
      content.push(...buffer.bytes.subarray(start, end));
      onContent?.(buffer);
    },
    onDataEnd() {
      seen.push(`end [${content}]`);
      content = [];
    },
  }, { readBuffers: pool, maxFrameSize: MAX_FRAME, expectPreface });
  let at = 0;
  const run = reader.run({
    read(into) {
      rooms.push(into.length);
      const part = bytes.subarray(at, at + Math.min(piece, into.length));
      into.set(part);
      at += part.length;
      return Promise.resolve(part.length === 0 ? null : part.length);
    },
  });
  return { run, seen, reader, rooms, pool };
}

const MIXED = joined(
  CLIENT_PREFACE,
  frame(FrameType.SETTINGS, [], { streamId: 0 }),
  frame(FrameType.DATA, [1, 2, 3]),
  frame(FrameType.DATA, []),
  frame(FrameType.DATA, [2, 7, 8, 0, 0], { flags: Flag.PADDED }),
  frame(FrameType.DATA, [0], { flags: Flag.PADDED }),
  frame(FrameType.DATA, [1, 0], { flags: Flag.PADDED }),
  frame(FrameType.HEADERS, [9, 8, 7]),
  frame(99, [5]),
);
const SEEN = [
  "frame 4 []",
  ...["data 3 0", "end [1,2,3]"],
  ...["data 0 0", "end []"],
  ...["data 5 3", "end [7,8]"],
  ...["data 1 1", "end []"],
  ...["data 2 2", "end []"],
  "frame 1 [9,8,7]",
  "frame 99 [5]",
];

for (const piece of [1, 2, 7, 23, 24, 25, 1_000]) {
  Deno.test(`FrameReader reads frames that come ${piece} bytes at a time`, async () => {
    const { run, seen, reader } = read(MIXED, {
      piece,
      expectPreface: true,
    });
    assert.equal(reader.isBetweenFrames, false);

    await run;

    assert.deepEqual(seen, SEEN);
    assert.equal(reader.bytesReceived, MIXED.length);
    assert.equal(reader.isBetweenFrames, true);
  });
}

Deno.test("FrameReader is between frames only where one has ended", async () => {
  const whole = frame(FrameType.DATA, [2, 7, 0, 0], { flags: Flag.PADDED });
  for (let length = 0; length <= whole.length; length++) {
    const { run, reader } = read(whole.subarray(0, length));
    await run;
    const isWhole = length === 0 || length === whole.length;
    assert.equal(reader.isBetweenFrames, isWhole, `${length} bytes`);
  }
});

Deno.test("FrameReader passes content on before its frame is complete", async () => {
  const half = frame(FrameType.DATA, [1, 2, 3, 4]).subarray(0, 11);
  let content = 0;

  const { run, seen } = read(half, { onContent: () => content++ });
  await run;

  assert.deepEqual(seen, ["data 4 0"]);
  assert.equal(content, 1);
});

/** Bytes → what the connection ends with. */
const REFUSED: readonly (readonly [string, Uint8Array, number, RegExp])[] = [
  [
    "another preface",
    new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSN"),
    ErrorCode.PROTOCOL_ERROR,
    /^Cannot start HTTP\/2: the first bytes are not a client's preface$/,
  ],
  [
    "a frame that is too long",
    joined(CLIENT_PREFACE, Uint8Array.of(0, 0x40, 1, 0, 0, 0, 0, 0, 1)),
    ErrorCode.FRAME_SIZE_ERROR,
    /^Cannot accept DATA of 16385 bytes$/,
  ],
  [
    "padding of the whole payload",
    joined(
      CLIENT_PREFACE,
      frame(FrameType.DATA, [2, 7], { flags: Flag.PADDED }),
    ),
    ErrorCode.PROTOCOL_ERROR,
    /^Cannot read DATA: its padding of 2 bytes does not fit$/,
  ],
  [
    "padding without its length",
    joined(CLIENT_PREFACE, frame(FrameType.DATA, [], { flags: Flag.PADDED })),
    ErrorCode.PROTOCOL_ERROR,
    /^Cannot read DATA: its padding of 0 bytes does not fit$/,
  ],
];

for (const [what, bytes, code, message] of REFUSED) {
  Deno.test(`FrameReader refuses ${what}`, async () => {
    const { run } = read(bytes, { expectPreface: true });
    await assert.rejects(
      run,
      (error) =>
        error instanceof Http2Error && error.code === code &&
        error.scope === "connection" && message.test(error.message),
    );
  });
}

Deno.test("FrameReader passes nothing on once it is muted", async () => {
  const pings = joined(
    frame(FrameType.PING, [1, 1, 1, 1, 1, 1, 1, 1], { streamId: 0 }),
    frame(FrameType.PING, [2, 2, 2, 2, 2, 2, 2, 2], { streamId: 0 }),
  );
  const { run, seen, reader } = read(pings, {
    onFrame: (each) => each.mute(),
  });
  await run;

  assert.deepEqual(seen, ["frame 6 [1,1,1,1,1,1,1,1]"]);
  assert.equal(reader.bytesReceived, pings.length);
  assert.equal(reader.isBetweenFrames, true);
});

Deno.test("FrameReader says that the connection failed, with its reason", async () => {
  const { reader } = read(new Uint8Array());
  const cause = new Error("reset");

  await assert.rejects(
    reader.run({ read: () => Promise.reject(cause) }),
    (error) =>
      error instanceof Http2Error && error.cause === cause &&
      error.initiator === "transport",
  );
});

Deno.test("FrameReader drops everything to the end, or to a failure", async () => {
  const { reader, seen } = read(new Uint8Array());
  for (const end of [null, new Error("reset")]) {
    let left = 3;
    await reader.discard({
      read: () =>
        left-- > 0
          ? Promise.resolve(1)
          : end === null
          ? Promise.resolve(null)
          : Promise.reject(end),
    });
    assert.equal(left, -1);
  }
  assert.deepEqual(seen, []);
});

Deno.test("read buffers have 256 KiB, and more for longer frames", () => {
  assert.equal(readBufferSize(MAX_FRAME), 256 * KIB);
  assert.equal(readBufferSize(128 * KIB), 256 * KIB);
  assert.equal(readBufferSize(128 * KIB + 1), 256 * KIB + 2);
});

Deno.test("FrameReader reads into the whole buffer again when all was parsed", async () => {
  const one = frame(99, new Uint8Array(1_000));

  const { run, rooms } = read(joined(one, one, one), {
    piece: one.length,
  });
  await run;

  assert.deepEqual(new Set(rooms), new Set([256 * KIB]));
});

Deno.test("FrameReader keeps a buffer of which content is in use", async () => {
  const one = frame(FrameType.DATA, new Uint8Array(1_000).fill(7));
  const held: ReadBuffer[] = [];

  const { run, rooms, pool } = read(joined(one, one, one), {
    piece: one.length,
    onContent(buffer) {
      buffer.views++;
      held.push(buffer);
    },
  });
  await run;

  const size = 256 * KIB;
  const used = one.length;
  assert.deepEqual(rooms, [
    size,
    size - used,
    size - 2 * used,
    size - 3 * used,
  ]);
  assert.equal(held[2], pool.current);
  assert.equal(held[0]?.bytes[HEADER_SIZE], 7);
});

Deno.test("FrameReader moves half a frame to the start of another buffer", async () => {
  const size = 40 * KIB;
  const held = frame(FrameType.DATA, new Uint8Array(15 * KIB).fill(1));
  const next = frame(99, Uint8Array.from({ length: 15 * KIB }, (_, at) => at));
  const bytes = joined(held, next);
  const buffers: ReadBuffer[] = [];
  // The first read ends in the middle of the second frame.
  const piece = 30 * KIB;

  const { run, seen, rooms, pool } = read(bytes, {
    piece,
    bufferSize: size,
    onContent(buffer) {
      buffer.views++;
      buffers.push(buffer);
    },
  });
  await run;

  assert.equal(seen.at(-1), `frame 99 [${next.subarray(HEADER_SIZE)}]`);
  // Its header is parsed already.
  const waiting = piece - held.length - HEADER_SIZE;
  assert.deepEqual(rooms, [size, size - waiting, size]);
  assert.notEqual(buffers[0], pool.current);
});
