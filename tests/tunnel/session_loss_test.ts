import assert from "node:assert/strict";
import { peerTimedOut } from "../../src/http2/connection/connection_errors.ts";
import {
  connectionError,
  ErrorCode,
  Http2Error,
  transportError,
} from "../../src/http2/errors.ts";
import { lossOf } from "../../src/tunnel/session_loss.ts";

Deno.test("lossOf() says why a session was lost", () => {
  const goAway = new Http2Error("GOAWAY", {
    code: ErrorCode.INTERNAL_ERROR,
    scope: "connection",
    initiator: "peer",
  });

  assert.equal(lossOf(transportError("read from")), "cut");
  assert.equal(lossOf(peerTimedOut("acknowledge PING", 10_000)), "silent");
  assert.equal(
    lossOf(connectionError(ErrorCode.PROTOCOL_ERROR, "")),
    "protocol",
  );
  assert.equal(lossOf(goAway), "protocol");
  assert.equal(lossOf(new TypeError("?")), "other");
});
