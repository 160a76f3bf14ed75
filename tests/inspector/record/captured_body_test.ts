/** The beginning of a body, up to a limit and with as little memory as it needs. */
import assert from "node:assert/strict";
import { CapturedBody } from "../../../src/inspector/record/captured_body.ts";

function capture(limit: number) {
  const heard: (number | string)[] = [];
  const body = new CapturedBody(limit, {
    onGrow: (bytes) => heard.push(bytes),
    onEnd: (end) => heard.push(end),
  });
  return { body, heard };
}

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);

Deno.test("a body is kept whole up to the limit", () => {
  const { body, heard } = capture(10);
  body.onPiece(bytes(4, 1));
  body.onPiece(bytes(6, 2));
  assert.equal(body.isWhole, false);
  body.onEnd("whole");

  assert.deepEqual([...body.bytes], [1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  assert.deepEqual([body.total, body.memory, body.isWhole], [10, 10, true]);
  assert.deepEqual(heard, [10, "whole"]);
});

Deno.test("what is beyond the limit is only counted", () => {
  const { body, heard } = capture(5);
  body.onPiece(bytes(4));
  body.onPiece(bytes(4));
  body.onPiece(bytes(4));
  body.onEnd("whole");
  assert.deepEqual([body.bytes.length, body.total, body.isWhole], [
    5,
    12,
    false,
  ]);
  assert.deepEqual(heard, [5, "whole"]);
});

Deno.test("a body that was cut is not whole", () => {
  const { body } = capture(5);
  body.onPiece(bytes(4));
  body.onEnd("cut");
  assert.equal(body.isWhole, false);
});

Deno.test("memory is 1 KiB first, and doubles up to the limit", () => {
  const { body, heard } = capture(5_000);
  for (const length of [1, 1_023, 1, 1_023, 1, 2_048, 999]) {
    body.onPiece(bytes(length));
  }
  assert.deepEqual(heard, [1_024, 1_024, 2_048, 904]);
  assert.equal(body.memory, 5_000);
  assert.ok(body.bytes.every((byte) => byte === 7));
  const large = capture(100_000);
  large.body.onPiece(bytes(3_000));
  assert.equal(large.body.memory, 4_096);
});

Deno.test("a body that is discarded has no memory, and is still counted", () => {
  const { body, heard } = capture(100);
  body.onPiece(bytes(4));
  body.discard();
  body.onPiece(bytes(4));
  assert.deepEqual([body.memory, body.bytes.length, body.total], [0, 0, 8]);
  assert.deepEqual(heard, [100]);
  body.onEnd("whole");
  assert.equal(body.isWhole, false);
});

Deno.test("nothing is kept with a limit of 0", () => {
  const body = new CapturedBody(0, { onGrow: () => assert.fail() });
  body.onPiece(bytes(4));
  body.onEnd("whole");
  assert.deepEqual([body.total, body.memory, body.isWhole], [4, 0, false]);
});
