/** Close frames and texts, at both ends of each range. */
import assert from "node:assert/strict";
import { WebSocketError } from "../../../src/websocket/errors.ts";
import {
  closingPayload,
  decodeText,
  encodeText,
  parseClosing,
} from "../../../src/websocket/messages/message.ts";

/** RFC 6455 §7.4: codes that a frame may have, and their neighbours that it may not. */
const CODES: readonly (readonly [number, boolean])[] = [
  [0, false],
  [999, false],
  [1000, true],
  [1003, true],
  [1004, false],
  [1005, false],
  [1006, false],
  [1007, true],
  [1014, true],
  [1015, false],
  [2999, false],
  [3000, true],
  [4999, true],
  [5000, false],
  [65_535, false],
];

for (const [code, isValid] of CODES) {
  Deno.test(`close code ${code} ${isValid ? "is" : "is not"} sent`, () => {
    const payload = closingPayload(code, "bye");
    if (isValid) {
      assert.deepEqual(parseClosing(payload), { code, reason: "bye" });
    } else refused(payload, `close code ${code} is not valid`);
  });
}

Deno.test("a close frame may be empty, and may have no reason", () => {
  const none = { code: undefined, reason: "" };
  assert.deepEqual(parseClosing(new Uint8Array()), none);
  assert.deepEqual(parseClosing(Uint8Array.of(3, 0xe8)), {
    code: 1000,
    reason: "",
  });
  refused(Uint8Array.of(3), "a close frame has half a code");
  refused(
    Uint8Array.of(3, 0xe8, 0xff),
    "the reason of a close frame is not UTF-8",
  );
});

Deno.test("a reason is cut at 123 bytes, between two characters", () => {
  assert.deepEqual([...closingPayload(0x0102, "é")], [1, 2, 0xc3, 0xa9]);
  assert.equal(closingPayload(1000, "a".repeat(123)).length, 125);
  assert.equal(closingPayload(1000, "a".repeat(124)).length, 125);
  const cut = closingPayload(1000, `${"a".repeat(122)}é`);
  assert.deepEqual(parseClosing(cut).reason, "a".repeat(122));
});

Deno.test("text keeps its byte order mark, and is UTF-8 or nothing", () => {
  const text = "\ufeffé";
  assert.deepEqual([...encodeText(text)], [0xef, 0xbb, 0xbf, 0xc3, 0xa9]);
  assert.equal(decodeText(encodeText(text)), text);
  assert.equal(decodeText(Uint8Array.of(0xc3)), undefined);
});

function refused(payload: Uint8Array, reason: string): void {
  assert.throws(
    () => parseClosing(payload),
    (error) =>
      error instanceof WebSocketError &&
      error.message.includes(reason),
  );
}
