/** What each error of a stream says, and whether the request may be sent again. */
import assert from "node:assert/strict";
import { ErrorCode, type Http2Error } from "../../../src/http2/errors.ts";
import { FrameType } from "../../../src/http2/frames/frame_header.ts";
import { HpackError } from "../../../src/http2/hpack/errors.ts";
import {
  cannotSend,
  dependsOnItself,
  notOpen,
  resetLocally,
  tooLarge,
  wrongPriority,
} from "../../../src/http2/stream/stream_errors.ts";

const cause = new Error("cause");
const header = {
  ...{ type: FrameType.DATA, streamId: 7 },
  ...{ flags: 0, length: 3 },
};
const large = new HpackError("tooLarge", "Cannot accept so many fields");

/** Error → its code, who ended the stream, and its words. */
const ROWS: readonly (readonly [
  Http2Error,
  number,
  Http2Error["initiator"],
  string,
])[] = [
  [
    resetLocally(5, ErrorCode.CANCEL, cause),
    0x8,
    "local",
    "Cannot use stream 5: reset by this side with CANCEL",
  ],
  [
    notOpen(header),
    0x5,
    "local",
    "Cannot accept DATA on stream 7: the peer has ended it",
  ],
  [dependsOnItself(9), 0x1, "local", "Cannot make stream 9 depend on itself"],
  [wrongPriority(4), 0x6, "local", "Cannot accept PRIORITY of 4 bytes"],
  [tooLarge(large), 0xb, "local", large.message],
];

for (const [error, code, initiator, message] of ROWS) {
  Deno.test(`"${message}" ends one stream`, () => {
    assert.equal(error.message, message);
    assert.equal(error.code, code);
    assert.equal(error.scope, "stream");
    assert.equal(error.initiator, initiator);
    assert.equal(error.retryable, false);
  });
}

Deno.test("a stream that was refused by this side may be opened again", () => {
  const error = resetLocally(1, ErrorCode.REFUSED_STREAM, cause);
  assert.equal(error.retryable, true);
  assert.equal(error.cause, cause);
});

Deno.test("fields that are too large name their limit and their cause", () => {
  assert.equal(tooLarge(large).limit, "fieldSection");
  assert.equal(tooLarge(large).cause, large);
});

Deno.test("a user who sends in the wrong state hears why that fails", () => {
  assert.throws(() => {
    throw cannotSend("it has ended");
  }, {
    name: "TypeError",
    message: "Cannot send on the stream: it has ended",
  });
});
