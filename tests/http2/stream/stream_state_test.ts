/** The states of a stream, row by row (RFC 9113 §5.1). */
import assert from "node:assert/strict";
import {
  afterLocalEnd,
  afterRemoteEnd,
  canReceive,
  canSend,
} from "../../../src/http2/stream/stream_state.ts";

for (
  const [state, sends, receives, localEnd, remoteEnd] of [
    ["open", true, true, "halfClosedLocal", "halfClosedRemote"],
    ["halfClosedLocal", false, true, "closed", "closed"],
    ["halfClosedRemote", true, false, "closed", "closed"],
    ["closed", false, false, "closed", "closed"],
  ] as const
) {
  Deno.test(`a stream that is ${state}`, () => {
    assert.equal(canSend(state), sends);
    assert.equal(canReceive(state), receives);
    assert.equal(afterLocalEnd(state), localEnd);
    assert.equal(afterRemoteEnd(state), remoteEnd);
  });
}
