/** Whose fault an error is, how much it ends, and whether to try again. */
import assert from "node:assert/strict";
import {
  connectionError,
  ErrorCode,
  errorCodeName,
  Http2Error,
  overLimit,
  streamError,
  StreamLimitError,
  transportError,
} from "../../src/http2/errors.ts";

/** RFC 9113 §7, from 0 on. */
const NAMES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

Deno.test("codes have the numbers of RFC 9113 §7", () => {
  assert.deepEqual(NAMES.map((name) => ErrorCode[name]), [...NAMES.keys()]);
  assert.deepEqual(NAMES.map((_, code) => errorCodeName(code)), [...NAMES]);
  assert.equal(errorCodeName(0x1f), "0x1f");
});

Deno.test("only a refused stream may be sent again, unless it is said", () => {
  const retryable = (code: number, said?: boolean) =>
    new Http2Error("no", {
      ...{ code, scope: "stream", initiator: "peer" },
      ...said !== undefined && { retryable: said },
    }).retryable;

  assert.equal(retryable(ErrorCode.REFUSED_STREAM), true);
  assert.equal(retryable(ErrorCode.CANCEL), false);
  assert.equal(retryable(ErrorCode.REFUSED_STREAM, false), false);
  assert.equal(retryable(ErrorCode.CANCEL, true), true);
});

Deno.test("each kind of error says who ended what", () => {
  const cause = new Error("reset");
  const shown = (error: Http2Error) => [
    ...[error.code, error.scope, error.initiator, error.retryable],
    ...[error.limit, error.cause, error.message],
  ];

  assert.deepEqual(shown(connectionError(1, "no", { cause })), [
    ...[1, "connection", "local", false, undefined, cause, "no"],
  ]);
  assert.deepEqual(shown(streamError(8, "no", { limit: "resets" })), [
    ...[8, "stream", "local", false, "resets", undefined, "no"],
  ]);
  assert.deepEqual(shown(overLimit("settings")), [
    ...[11, "connection", "local", false, "settings", undefined],
    'Cannot use the connection: the peer exceeded "settings"',
  ]);
  assert.deepEqual(shown(transportError("read from", cause)), [
    ...[2, "connection", "transport", false, undefined, cause],
    "Cannot read from the connection: it failed",
  ]);
  assert.deepEqual(shown(transportError("write to")), [
    ...[2, "connection", "transport", false, undefined, undefined],
    "Cannot write to the connection: it ended early",
  ]);
  assert.deepEqual(shown(new StreamLimitError("full")), [
    ...[7, "stream", "local", true, undefined, undefined, "full"],
  ]);
});

Deno.test("an error has its name", () => {
  assert.equal(connectionError(1, "no").name, "Http2Error");
  assert.equal(new StreamLimitError("full").name, "Http2Error");
});
