/** Where content ends: table by table, and each refusal with its reason. */
import assert from "node:assert/strict";
import { Http1Error } from "../../../src/http1/errors.ts";
import {
  endsAfterHeader,
  type Framing,
  requestFraming,
  responseFraming,
  withoutRepeats,
} from "../../../src/http1/parse/framing.ts";

const NONE: Framing = { kind: "none" };
const CLOSE: Framing = { kind: "close" };

/** The framing of a request with these two fields. */
function ofRequest(
  contentLength?: string,
  transferEncoding?: string,
  minorVersion: 0 | 1 = 1,
): Framing {
  return requestFraming({ contentLength, transferEncoding }, minorVersion);
}

/** The framing of a response to GET. */
function ofResponse(
  contentLength?: string,
  transferEncoding?: string,
  { method = "GET", status = 200, minorVersion = 1 as 0 | 1 } = {},
): Framing {
  const fields = { contentLength, transferEncoding };
  return responseFraming(fields, { method, status, minorVersion });
}

Deno.test("requestFraming() has no content without fields, and with length 0", () => {
  assert.deepEqual(ofRequest(), NONE);
  assert.deepEqual(ofRequest("0"), NONE);
  assert.deepEqual(ofRequest("000"), NONE);
});

for (
  const [text, length] of [
    ["1", 1],
    ["10", 10],
    ["0987654321", 987_654_321],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["0000000000000001", 1],
  ] as const
) {
  Deno.test(`a Content-Length of ${text} is that many bytes`, () => {
    assert.deepEqual(ofRequest(text), { kind: "length", length });
    assert.deepEqual(ofResponse(text), { kind: "length", length });
  });
}

const NO_NUMBER = /: Content-Length is not a number of bytes$/;
const BOTH = /: it has both Content-Length and Transfer-Encoding$/;
const OLD = /: HTTP\/1\.0 has no Transfer-Encoding$/;
const NOT_LAST = /: Transfer-Encoding does not end in chunked$/;
const NO_LIST = /: Transfer-Encoding is not a list of codings/;

for (
  const text of [
    ...["", "1 1", "+1", "-1", "0x1", "1.0", "1e3", "/", ":", "a"],
    ...["9007199254740992", "00000000000000001"],
  ]
) {
  Deno.test(`a Content-Length of "${text}" is refused`, () => {
    refused(() => ofRequest(text), NO_NUMBER);
    refused(() => ofResponse(text), NO_NUMBER);
  });
}

Deno.test("a repeated length counts once in responses, and never in requests", () => {
  const length: Framing = { kind: "length", length: 5 };
  assert.deepEqual(ofResponse("5, 5"), length);
  assert.deepEqual(ofResponse("5,5 ,\t5"), length);
  assert.deepEqual(ofResponse(" 5\t"), length);
  refused(() => ofRequest(" 5"), NO_NUMBER);
  refused(() => ofRequest("5 "), NO_NUMBER);
  refused(() => ofResponse("5, 6"), NO_NUMBER);
  refused(() => ofRequest("5, 5"), NO_NUMBER);
});

Deno.test("chunked is read as its side sends it", () => {
  assert.deepEqual(ofRequest(undefined, "chunked"), { kind: "chunked" });
  assert.deepEqual(ofRequest(undefined, " Chunked\t"), { kind: "chunked" });
  assert.deepEqual(ofResponse(undefined, "chunked"), {
    kind: "chunked",
    ofResponse: true,
  });
});

Deno.test("a coding that is refused says why", () => {
  refused(() => ofRequest("5", "chunked"), BOTH);
  refused(() => ofResponse("5", "chunked"), BOTH);
  refused(() => ofRequest(undefined, "chunked", 0), OLD);
  refused(() => ofResponse(undefined, "chunked", { minorVersion: 0 }), OLD);
  refused(() => ofRequest(undefined, "gzip"), NOT_LAST);
  refused(() => ofRequest(undefined, ""), NOT_LAST);
  refused(() => ofRequest(undefined, "chunked, gzip"), NOT_LAST);
  refused(() => ofResponse(undefined, "chunked, gzip"), NOT_LAST);
  refused(() => ofRequest(undefined, "chunked, chunked"), NO_LIST);
  refused(() => ofRequest(undefined, "gz ip, chunked"), NO_LIST);
  refused(() => ofRequest(undefined, ", chunked"), NO_LIST);
  const coded = /: its Transfer-Encoding is not just chunked$/;
  refused(() => ofRequest(undefined, "gzip, chunked"), coded, {
    code: "unsupportedCoding",
  });
});

Deno.test("a response with other codings ends with the connection", () => {
  assert.deepEqual(ofResponse(undefined, "gzip"), CLOSE);
  assert.deepEqual(ofResponse(undefined, "gzip, br"), CLOSE);
  refused(() => ofResponse(undefined, "gz ip"), NOT_LAST);
  refused(() => ofResponse(undefined, "br, gz ip"), NOT_LAST);
});

Deno.test("a response without length ends with the connection, but for 205", () => {
  assert.deepEqual(ofResponse(), CLOSE);
  assert.deepEqual(ofResponse(undefined, undefined, { status: 205 }), NONE);
  assert.deepEqual(ofResponse("5", undefined, { status: 205 }), {
    kind: "length",
    length: 5,
  });
});

/** Method and status → whether there is no content, whatever the fields say. */
const ENDS: readonly (readonly [string, number, boolean])[] = [
  ["HEAD", 200, true],
  ["GET", 199, true],
  ["GET", 200, false],
  ["GET", 203, false],
  ["GET", 204, true],
  ["GET", 205, false],
  ["GET", 303, false],
  ["GET", 304, true],
  ["GET", 305, false],
];

for (const [method, status, ends] of ENDS) {
  Deno.test(`${status} to ${method} ${ends ? "ends" : "does not end"} after its header`, () => {
    assert.equal(endsAfterHeader(method, status), ends);
    const framing = ofResponse("5", undefined, { method, status });
    assert.equal(framing.kind, ends ? "none" : "length");
    if (ends) {
      assert.deepEqual(ofResponse("x", "x, y", { method, status }), NONE);
    }
  });
}

Deno.test("withoutRepeats() leaves other lists as they are", () => {
  assert.equal(withoutRepeats("a, a"), "a");
  assert.equal(withoutRepeats("a,  b"), "a,  b");
  assert.equal(withoutRepeats(""), "");
});

function refused(
  work: () => unknown,
  message: RegExp,
  { code = "malformed" } = {},
): void {
  assert.throws(
    work,
    (error) =>
      error instanceof Http1Error && error.code === code &&
      message.test(error.message),
  );
}
