/** Field blocks of one or several frames, and what may not stand between these. */
import assert from "node:assert/strict";
import { ErrorCode, Http2Error } from "../../../src/http2/errors.ts";
import { FieldBlockAssembler } from "../../../src/http2/frames/field_block.ts";
import { Flag, FrameType } from "../../../src/http2/frames/frame_header.ts";

const { HEADERS, CONTINUATION, DATA } = FrameType;

function setUp({ maxContinuations = 9, maxBytes = 99 } = {}) {
  const assembler = new FieldBlockAssembler({ maxContinuations, maxBytes });
  const header = (
    type: number,
    flags: number,
    length: number,
    streamId = 5,
  ) => ({ type, flags, length, streamId });
  return {
    begin: (flags: number, ...payload: readonly number[]) =>
      assembler.begin(
        header(HEADERS, flags, payload.length),
        Uint8Array.from(payload),
      ),
    more: (flags: number, ...payload: readonly number[]) =>
      assembler.continue(
        header(CONTINUATION, flags, payload.length),
        Uint8Array.from(payload),
      ),
    check: (type: number, streamId = 5) =>
      assembler.checkOrder(header(type, 0, 0, streamId)),
  };
}

Deno.test("a block of one frame is complete at once", () => {
  const { begin, check } = setUp();
  for (const endStream of [true, false]) {
    const flags = Flag.END_HEADERS | (endStream ? Flag.END_STREAM : 0);
    assert.deepEqual(begin(flags, 1, 2), {
      streamId: 5,
      endStream,
      bytes: Uint8Array.of(1, 2),
      dependsOnItself: false,
    });
  }
  check(DATA);
});

Deno.test("a block of several frames has all bytes, and the next one only its own", () => {
  const { begin, more, check } = setUp();
  for (let times = 0; times < 2; times++) {
    assert.equal(begin(Flag.END_STREAM, 1, 2), undefined);
    check(CONTINUATION);
    assert.equal(more(0, 3), undefined);
    assert.deepEqual(more(Flag.END_HEADERS, 4, 5), {
      streamId: 5,
      endStream: true,
      bytes: Uint8Array.of(1, 2, 3, 4, 5),
      dependsOnItself: false,
    });
    check(HEADERS);
  }
});

Deno.test("a part is copied: its buffer is read into again", () => {
  const assembler = new FieldBlockAssembler({
    maxContinuations: 9,
    maxBytes: 9,
  });
  const payload = Uint8Array.of(1);
  const header = { type: HEADERS, flags: 0, length: 1, streamId: 5 };
  assembler.begin(header, payload);
  payload[0] = 9;

  const flags = Flag.END_HEADERS;
  const block = assembler.continue({ ...header, flags }, Uint8Array.of(2));

  assert.deepEqual(block?.bytes, Uint8Array.of(1, 2));
});

Deno.test("nothing stands between the frames of a block", () => {
  const { begin, check } = setUp();
  check(DATA, 7);
  refused(
    () => check(CONTINUATION),
    "Cannot accept CONTINUATION on stream 5: no field block has begun",
  );
  begin(0, 1);
  const why = ": the field block of stream 5 is incomplete";
  refused(() => check(DATA), `Cannot accept DATA on stream 5${why}`);
  refused(() => check(HEADERS, 7), `Cannot accept HEADERS on stream 7${why}`);
  refused(
    () => check(CONTINUATION, 7),
    `Cannot accept CONTINUATION on stream 7${why}`,
  );
  check(CONTINUATION);
});

Deno.test("CONTINUATION without HEADERS makes no block", () => {
  assert.equal(setUp().more(Flag.END_HEADERS, 1), undefined);
});

Deno.test("padding and priority are not part of a block", () => {
  const { begin } = setUp();
  const bytesOf = (
    flags: number,
    ...payload: readonly number[]
  ) => [...begin(Flag.END_HEADERS | flags, ...payload)?.bytes ?? []];

  assert.deepEqual(bytesOf(Flag.PADDED, 2, 7, 8, 0, 0), [7, 8]);
  assert.deepEqual(bytesOf(Flag.PADDED, 0, 7), [7]);
  assert.deepEqual(bytesOf(Flag.PRIORITY, 0, 0, 0, 3, 9, 7, 8), [7, 8]);
  assert.deepEqual(bytesOf(Flag.PRIORITY, 0, 0, 0, 3, 9), []);
  const both = Flag.PADDED | Flag.PRIORITY;
  assert.deepEqual(bytesOf(both, 1, 0, 0, 0, 3, 9, 7, 0), [7]);
  refused(
    () => bytesOf(Flag.PADDED, 2, 7),
    "Cannot read HEADERS: its padding of 2 bytes does not fit",
  );
  refused(
    () => bytesOf(Flag.PRIORITY, 0, 0, 0, 3),
    "Cannot accept HEADERS of 4 bytes: its priority does not fit",
    ErrorCode.FRAME_SIZE_ERROR,
  );
  refused(
    () => bytesOf(both, 1, 0, 0, 0, 3, 0),
    "Cannot accept HEADERS of 6 bytes: its priority does not fit",
    ErrorCode.FRAME_SIZE_ERROR,
  );
});

Deno.test("a priority that names its own stream is noticed", () => {
  const { begin } = setUp();
  const flags = Flag.END_HEADERS | Flag.PRIORITY;
  assert.equal(begin(flags, 0, 0, 0, 5, 9)?.dependsOnItself, true);
  assert.equal(begin(flags, 0x80, 0, 0, 5, 9)?.dependsOnItself, true);
  assert.equal(begin(flags, 0, 0, 0, 4, 9)?.dependsOnItself, false);
});

Deno.test("a block has so many frames, and no more", () => {
  const { begin, more } = setUp({ maxContinuations: 2 });
  begin(0, 1);
  more(0, 1);
  more(0, 1);
  assert.throws(() => more(Flag.END_HEADERS, 1), { limit: "maxContinuations" });
});

Deno.test("a block has so many bytes, and no more", () => {
  const { begin, more } = setUp({ maxBytes: 4 });
  begin(0, 1, 2);
  more(0, 3, 4);
  assert.throws(() => more(0, 5), { limit: "maxFieldBlock" });
  assert.throws(() => setUp({ maxBytes: 1 }).begin(0, 1, 2), {
    limit: "maxFieldBlock",
  });
});

function refused(
  work: () => unknown,
  message: string,
  code: number = ErrorCode.PROTOCOL_ERROR,
): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof Http2Error);
    assert.deepEqual([error.message, error.code], [message, code]);
    return true;
  });
}
