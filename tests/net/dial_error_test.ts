/** @module */
import assert from "node:assert/strict";
import {
  DialError,
  type DialErrorCode,
  dialErrorOf,
} from "../../src/net/dial_error.ts";
import { unusedPort } from "./ports.ts";

const WHERE = "a.test:443";

/** What a call throws. */
async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail("Nothing was thrown");
}

Deno.test("dialErrorOf() knows a refusal", async () => {
  const port = unusedPort();
  const cause = await thrownBy(() =>
    Deno.connect({ hostname: "127.0.0.1", port })
  );

  const error = dialErrorOf(cause, WHERE);

  assert.equal(error.code, "refused");
  assert.equal(
    error.message,
    'Cannot connect to "a.test:443": connection refused',
  );
  assert.equal(error.cause, cause);
});

Deno.test("dialErrorOf() gives every error of a socket its code", () => {
  const { InvalidData, NetworkUnreachable, TimedOut, UnexpectedEof } =
    Deno.errors;
  const noRoute = Object.assign(new Error("No route to host (os error 113)"), {
    code: "EHOSTUNREACH",
  });
  const errors: readonly (readonly [unknown, DialErrorCode])[] = [
    [new TimedOut("Connection timed out (os error 110)"), "timedOut"],
    [new DOMException("late", "TimeoutError"), "timedOut"],
    [new DOMException("stop", "AbortError"), "aborted"],
    [new NetworkUnreachable("Network is unreachable"), "unreachable"],
    [noRoute, "unreachable"],
    [new InvalidData("invalid peer certificate: UnknownIssuer"), "certificate"],
    [new InvalidData("received fatal alert: CertificateRequired"), "tls"],
    [new InvalidData("received corrupt message"), "tls"],
    [
      new InvalidData("received corrupt message of type InvalidContentType"),
      "notTls",
    ],
    [new UnexpectedEof("unexpected end of file"), "tls"],
    [new RangeError("Invalid port"), "failed"],
    ["thrown text", "failed"],
  ];
  for (const [cause, code] of errors) {
    assert.equal(dialErrorOf(cause, WHERE).code, code, String(cause));
  }
});

Deno.test("dialErrorOf() tells an attempt that was given up from one that failed", () => {
  const signal = AbortSignal.abort(new RangeError("enough"));

  const error = dialErrorOf(signal.reason, WHERE, { signal });

  assert.equal(error.code, "aborted");
});

Deno.test("dialErrorOf() leaves alone what has its code already", () => {
  const error = new DialError("nameNotFound", "Cannot find");

  assert.equal(dialErrorOf(error, WHERE), error);
});

Deno.test("DialError is worth another attempt when the far side was not there", () => {
  const codes: readonly DialErrorCode[] = [
    ...["nameNotFound", "refused", "unreachable", "timedOut"] as const,
    ...["certificate", "notTls", "tls", "aborted", "failed"] as const,
  ];

  const retryable = codes.filter((code) => new DialError(code, "").retryable);

  assert.deepEqual(retryable, ["refused", "unreachable", "timedOut"]);
});
