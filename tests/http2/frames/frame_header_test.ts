/** The nine bytes before a frame: how they are written, read and checked. */
import assert from "node:assert/strict";
import { ErrorCode, Http2Error } from "../../../src/http2/errors.ts";
import {
  checkFrameHeader,
  checkPadding,
  CLIENT_PREFACE,
  Flag,
  frameName,
  FrameType,
  readFrameHeader,
  readUint31,
  readUint32,
  writeFrameHeader,
  writeUint32,
} from "../../../src/http2/frames/frame_header.ts";

/** RFC 9113 §6: the number of each type. */
const TYPES = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST_STREAM",
  "SETTINGS",
  "PUSH_PROMISE",
  "PING",
  "GOAWAY",
  "WINDOW_UPDATE",
  "CONTINUATION",
] as const;

Deno.test("types and flags have the numbers of RFC 9113 §6", () => {
  assert.deepEqual(TYPES.map((name) => FrameType[name]), [...TYPES.keys()]);
  assert.deepEqual(TYPES.map((_, type) => frameName(type)), [...TYPES]);
  assert.equal(frameName(10), "frame type 10");
  assert.deepEqual(Flag, {
    END_STREAM: 1,
    ACK: 1,
    END_HEADERS: 4,
    PADDED: 8,
    PRIORITY: 32,
  });
  assert.equal(
    new TextDecoder().decode(CLIENT_PREFACE),
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  );
});

Deno.test("a header has each of its bytes in its place", () => {
  const header = {
    length: 0xa1b2c3,
    type: 0xd4,
    flags: 0xe5,
    streamId: 0x71829304,
  };
  const bytes = [0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0x71, 0x82, 0x93, 0x04];
  const into = new Uint8Array(13).fill(0xff);

  writeFrameHeader(into, 2, header);

  assert.deepEqual([...into], [0xff, 0xff, ...bytes, 0xff, 0xff]);
  assert.deepEqual(readFrameHeader(into, 2), header);
});

Deno.test("the reserved bit before a stream is ignored", () => {
  const bytes = Uint8Array.of(0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);
  assert.equal(readFrameHeader(bytes, 0).streamId, 0x7fff_ffff);
  assert.equal(readUint31(bytes, 5), 0x7fff_ffff);
  assert.equal(readUint32(bytes, 5), 0xffff_ffff);
});

Deno.test("numbers of 32 bits have their most significant byte first", () => {
  const into = new Uint8Array(6);
  writeUint32(into, 1, 0x8192a3b4);
  assert.deepEqual([...into], [0, 0x81, 0x92, 0xa3, 0xb4, 0]);
  assert.equal(readUint32(into, 1), 0x8192a3b4);
});

Deno.test("what is missing of a header reads as 0", () => {
  const none = { length: 0, type: 0, flags: 0, streamId: 0 };
  assert.deepEqual(readFrameHeader(new Uint8Array(), 0), none);
});

/** Type, stream and length that are right; other streams and lengths that are not. */
const RULES: readonly {
  readonly type: keyof typeof FrameType;
  /** 0 for the connection, 1 for a stream, 2 for both. */
  readonly on: 0 | 1 | 2;
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}[] = [
  { type: "DATA", on: 1, right: [0, 99], wrong: [] },
  { type: "HEADERS", on: 1, right: [0, 99], wrong: [] },
  { type: "CONTINUATION", on: 1, right: [0, 99], wrong: [] },
  { type: "PUSH_PROMISE", on: 1, right: [0, 99], wrong: [] },
  { type: "PRIORITY", on: 1, right: [4, 5, 6], wrong: [] },
  { type: "RST_STREAM", on: 1, right: [4], wrong: [3, 5] },
  { type: "WINDOW_UPDATE", on: 2, right: [4], wrong: [3, 5] },
  { type: "PING", on: 0, right: [8], wrong: [7, 9] },
  { type: "GOAWAY", on: 0, right: [8, 9], wrong: [7] },
  { type: "SETTINGS", on: 0, right: [0, 6, 7], wrong: [] },
];

for (const { type: name, on, right, wrong } of RULES) {
  const type = FrameType[name];
  const check = (length: number, streamId: number) =>
    checkFrameHeader({ length, type, flags: 0, streamId }, 99);
  const good = on === 2 ? 1 : on;

  Deno.test(`${name} has its streams and lengths`, () => {
    for (const length of right) check(length, good);
    for (const length of wrong) {
      refused(
        () => check(length, good),
        ErrorCode.FRAME_SIZE_ERROR,
        `Cannot accept ${name} of ${length} bytes`,
      );
    }
    const [length = 0] = right;
    if (on === 2) check(length, 0);
    else {
      refused(
        () => check(length, 1 - on),
        ErrorCode.PROTOCOL_ERROR,
        `Cannot accept ${name} on stream ${1 - on}`,
      );
    }
  });

  Deno.test(`${name} may not be longer than our SETTINGS allow`, () => {
    refused(
      () => check(100, good),
      ErrorCode.FRAME_SIZE_ERROR,
      `Cannot accept ${name} of 100 bytes`,
    );
  });
}

Deno.test("an acknowledgement of SETTINGS is empty, whatever its other flags", () => {
  const check = (flags: number, length: number) => {
    const type = FrameType.SETTINGS;
    checkFrameHeader({ length, type, flags, streamId: 0 }, 99);
  };
  check(Flag.ACK, 0);
  check(0xfe, 6);
  refused(
    () => check(0xff, 6),
    ErrorCode.FRAME_SIZE_ERROR,
    "Cannot accept SETTINGS of 6 bytes",
  );
});

Deno.test("a type that no RFC has is taken as it is", () => {
  for (const streamId of [0, 1]) {
    checkFrameHeader({ length: 99, type: 10, flags: 0, streamId }, 99);
  }
});

Deno.test("padding is shorter than its payload", () => {
  const header = { length: 9, type: FrameType.DATA, flags: 8, streamId: 1 };
  assert.equal(checkPadding(header, 8), 8);
  assert.equal(checkPadding(header, 0), 0);
  refused(
    () => checkPadding(header, 9),
    ErrorCode.PROTOCOL_ERROR,
    "Cannot read DATA: its padding of 9 bytes does not fit",
  );
});

function refused(work: () => unknown, code: number, message: string): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof Http2Error);
    assert.deepEqual([error.code, error.scope], [code, "connection"]);
    assert.equal(error.message, message);
    return true;
  });
}
