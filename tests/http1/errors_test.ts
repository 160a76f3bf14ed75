/** The status and the words of each failure. */
import assert from "node:assert/strict";
import {
  asOriginError,
  byteWords,
  cutShort,
  Http1Error,
  type Http1ErrorCode,
  malformed,
  notHttp,
  unreadable,
} from "../../src/http1/errors.ts";

/** Code → status for the peer, and for the peer when the origin failed. */
const STATUS: Readonly<Record<Http1ErrorCode, readonly [number, number]>> = {
  malformed: [400, 502],
  targetTooLong: [414, 502],
  headersTooLarge: [431, 502],
  unsupportedVersion: [505, 502],
  unsupportedCoding: [501, 502],
  unsupportedUpgrade: [501, 502],
  timeout: [408, 504],
  cutShort: [400, 502],
  staleConnection: [502, 502],
  cancelled: [500, 502],
};

for (const [name, [ofPeer, ofOrigin]] of Object.entries(STATUS)) {
  Deno.test(`${name} is ${ofPeer} of the peer, ${ofOrigin} of the origin`, () => {
    const code = name as Http1ErrorCode;
    assert.equal(new Http1Error(code, "no").status, ofPeer);
    assert.equal(new Http1Error(code, "no", { from: "peer" }).status, ofPeer);
    const error = new Http1Error(code, "no", { from: "origin" });
    assert.equal(error.status, ofOrigin);
    assert.equal(error.code, code);
  });
}

Deno.test("an error keeps what is known of it when it becomes the origin's", () => {
  const cause = new Error("reset");
  const options = { cause, why: "reset", retryable: true, first: 0x16 };

  const error = asOriginError(new Http1Error("timeout", "no: reset", options));

  const { message, code, status, why, retryable, first } = error;
  assert.deepEqual(
    { message, code, status, why, retryable, first, cause: error.cause },
    { message: "no: reset", code: "timeout", status: 504, ...options },
  );
});

Deno.test("an error says the whole message when nothing else is known", () => {
  const error = new Http1Error("timeout", "late");
  assert.deepEqual([error.why, error.retryable, error.first], [
    "late",
    false,
    undefined,
  ]);
  assert.equal("cause" in error, false);
});

Deno.test("what cannot be read says why, with and without its beginning", () => {
  const shown = ({ code, message, why }: Http1Error) => [code, message, why];
  assert.deepEqual(shown(malformed("odd")), [
    "malformed",
    "Cannot read the message: odd",
    "odd",
  ]);
  assert.deepEqual(shown(unreadable("unsupportedCoding", "odd")), [
    "unsupportedCoding",
    "Cannot read the message: odd",
    "odd",
  ]);
  const cause = new Error("reset");
  assert.equal(cutShort(cause).cause, cause);
  assert.deepEqual(shown(cutShort()), [
    "cutShort",
    "Cannot read the message: the connection ended inside it",
    "the connection ended inside it",
  ]);
});

for (
  const [byte, why] of [
    [0x05, "it is SOCKS 5, where HTTP is expected"],
    [0x15, "it is TLS, where plain HTTP is expected"],
    [0x16, "it is TLS, where plain HTTP is expected"],
    [0x04, "it begins with the byte 0x04"],
    [0x20, "it begins with a space"],
  ] as const
) {
  Deno.test(`what begins with ${byte}: ${why}`, () => {
    const error = notHttp(byte);
    assert.equal(error.message, `Cannot read the message: ${why}`);
    assert.deepEqual([error.why, error.first, error.code], [
      why,
      byte,
      "malformed",
    ]);
  });
}

for (
  const [byte, words] of [
    [undefined, "its end"],
    [0x09, "a tab"],
    [0x0a, "an LF"],
    [0x0b, "the byte 0x0b"],
    [0x0d, "a CR"],
    [0x20, "a space"],
    [0xff, "the byte 0xff"],
  ] as const
) {
  Deno.test(`byteWords() of ${byte} is ${words}`, () => {
    assert.equal(byteWords(byte), words);
  });
}
