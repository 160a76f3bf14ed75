/** What streams hear when their connection ends, and who may try again. */
import assert from "node:assert/strict";
import {
  closedByPeer,
  closedLocally,
  noFreeStream,
  noNewStreams,
  notProcessed,
  notSent,
  peerSilent,
  peerTimedOut,
  readingFailed,
} from "../../../src/http2/connection/connection_errors.ts";
import {
  ErrorCode,
  Http2Error,
  overLimit,
  StreamLimitError,
} from "../../../src/http2/errors.ts";

/** Error → code, scope, initiator, whether it may be retried, words. */
const ROWS: readonly (readonly [
  Http2Error,
  number,
  Http2Error["scope"],
  Http2Error["initiator"],
  boolean,
  string,
])[] = [
  [
    closedLocally(),
    ErrorCode.NO_ERROR,
    "connection",
    "local",
    false,
    "Cannot use the connection: closed by this side",
  ],
  [
    peerTimedOut("acknowledge PING", 5000),
    ErrorCode.CANCEL,
    "connection",
    "transport",
    false,
    "Cannot use the connection: the peer did not acknowledge PING in 5000 ms",
  ],
  [
    closedByPeer(ErrorCode.ENHANCE_YOUR_CALM),
    ErrorCode.ENHANCE_YOUR_CALM,
    "connection",
    "peer",
    false,
    "Cannot use the connection: the peer closed it with ENHANCE_YOUR_CALM",
  ],
  [
    readingFailed(new RangeError("x")),
    ErrorCode.INTERNAL_ERROR,
    "connection",
    "local",
    false,
    "Cannot use the connection: internal error",
  ],
  [
    noNewStreams(),
    ErrorCode.REFUSED_STREAM,
    "connection",
    "local",
    true,
    "Cannot open a stream: the connection accepts no more, use another",
  ],
  [
    notProcessed(11),
    ErrorCode.REFUSED_STREAM,
    "stream",
    "peer",
    true,
    "Cannot use stream 11: the peer is closing and has not processed it, use another connection",
  ],
  [
    peerSilent(2000.4),
    ErrorCode.CANCEL,
    "stream",
    "transport",
    false,
    "Cannot wait for the peer: it has not acknowledged PING for 2000 ms",
  ],
  [
    noFreeStream(5000),
    ErrorCode.REFUSED_STREAM,
    "stream",
    "local",
    true,
    "Cannot open a stream: all that the peer allows were in use for 5000 ms",
  ],
];

for (const [error, code, scope, initiator, retryable, message] of ROWS) {
  Deno.test(`"${message}"`, () => {
    assert.ok(error instanceof Http2Error);
    assert.deepEqual(
      [error.message, error.code, error.scope, error.initiator],
      [message, code, scope, initiator],
    );
    assert.equal(error.retryable, retryable);
  });
}

Deno.test("a lack of streams differs from a connection that ended", () => {
  assert.ok(noFreeStream(1) instanceof StreamLimitError);
  assert.ok(!(noNewStreams() instanceof StreamLimitError));
});

Deno.test("a failure that has words keeps them, a defect is the cause", () => {
  const known = overLimit("resets");
  assert.equal(readingFailed(known), known);
  const defect = new RangeError("x");
  assert.equal(readingFailed(defect).cause, defect);
});

Deno.test("what was not sent keeps the reason, and may be sent again", () => {
  const reason = overLimit("settings");
  assert.equal(reason.retryable, false);

  const error = notSent(reason);

  assert.equal(error.retryable, true);
  assert.equal(error.cause, reason);
  assert.deepEqual(
    [error.message, error.code, error.scope, error.initiator, error.limit],
    [
      ...[reason.message, reason.code, reason.scope, reason.initiator],
      "settings",
    ],
  );
  assert.equal(notSent(closedLocally()).limit, undefined);
});
