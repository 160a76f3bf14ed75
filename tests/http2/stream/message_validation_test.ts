import assert from "node:assert/strict";
import {
  checkRequest,
  checkResponse,
  checkTrailers,
} from "../../../src/http2/stream/message_validation.ts";
import { connectTo, get } from "../pairs.ts";

const EXTENDED = [
  ...[":method", "CONNECT", ":protocol", "websocket", ":scheme", "https"],
  ...[":path", "/", ":authority", "a.test"],
];

function check(fields: readonly string[], enableConnectProtocol = true) {
  return checkRequest(fields, { enableConnectProtocol });
}

/** RFC 9113 §8: what makes a request malformed. */
const MALFORMED: readonly (readonly [
  why: string,
  fields: readonly string[],
])[] = [
  ["no fields", []],
  ["no :method", get().slice(2)],
  ["no :scheme", [...get().slice(0, 2), ...get().slice(4)]],
  ["no :path", get().slice(0, 4)],
  ["an empty :path", get("")],
  ["a :path that is not absolute", get("a")],
  ["* without OPTIONS", get("*")],
  [":method twice", [":method", "GET", ...get()]],
  [":status", [":status", "200", ...get()]],
  ["an unknown pseudo-header field", [":a", "1", ...get()]],
  ["a pseudo-header field after others", ["x", "1", ...get()]],
  [":protocol without CONNECT", [":protocol", "websocket", ...get()]],
  ["CONNECT without :authority", [":method", "CONNECT"]],
  ["CONNECT with :path", [...connectTo(), ":path", "/"]],
  ["extended CONNECT without :path", EXTENDED.slice(0, 6)],
  ["a name in upper case", get("/", "A", "1")],
  ["an empty name", get("/", "", "1")],
  ["a name with a space", get("/", "a b", "1")],
  ["a name with a colon", get("/", "a:b", "1")],
  ["a name above ASCII", get("/", "\u00e4", "1")],
  ["a value with CR", get("/", "a", "1\r")],
  ["a value with LF", get("/", "a", "1\n2")],
  ["a value with NUL", get("/", "a", "\0")],
  ...["\x01", "\x08", "\x0b", "\x1f", "\x7f"].map((control) =>
    [
      `a value with ${JSON.stringify(control)}`,
      get("/", "a", `1${control}2`),
    ] as const
  ),
  ["a value that begins with a space", get("/", "a", " 1")],
  ["a value that ends with a tab", get("/", "a", "1\t")],
  ["a pseudo-header field with LF", get("/\nx")],
  ["connection", get("/", "connection", "close")],
  ["keep-alive", get("/", "keep-alive", "1")],
  ["proxy-connection", get("/", "proxy-connection", "close")],
  ["transfer-encoding", get("/", "transfer-encoding", "chunked")],
  ["upgrade", get("/", "upgrade", "websocket")],
  ["te with more than trailers", get("/", "te", "gzip")],
  ["content-length that is not a number", get("/", "content-length", "1a")],
  ["content-length with a sign", get("/", "content-length", "+1")],
  [
    "content-length twice with two values",
    get("/", "content-length", "1", "content-length", "2"),
  ],
];

for (const [why, fields] of MALFORMED) {
  Deno.test(`checkRequest() refuses ${why}`, () => {
    assert.throws(() => check(fields), { name: "Http2Error", scope: "stream" });
  });
}

Deno.test("checkRequest() refuses extended CONNECT that is not enabled", () => {
  assert.throws(() => check(EXTENDED, false), { name: "Http2Error" });
});

Deno.test("checkRequest() takes what is well-formed", () => {
  assert.deepEqual(check(get("/", "content-length", "12", "te", "trailers")), {
    method: "GET",
    protocol: undefined,
    contentLength: 12,
  });
  assert.equal(check(connectTo()).method, "CONNECT");
  assert.equal(check(EXTENDED).protocol, "websocket");
  assert.equal(
    check([":method", "OPTIONS", ...get("*").slice(2)]).method,
    "OPTIONS",
  );
  assert.equal(check(get("/", "x", ":method", "y", "")).method, "GET");
  assert.equal(check(get("/", "x", "1\t ~\x80\xff2")).method, "GET");
});

Deno.test("checkResponse() takes three digits from 100, but not 101", () => {
  assert.equal(checkResponse([":status", "599"]).status, 599);
  for (const status of ["", "20", "2000", "099", "abc", "101"]) {
    assert.throws(() => checkResponse([":status", status]), {
      name: "Http2Error",
    });
  }
});

Deno.test("checkTrailers() refuses pseudo-header fields", () => {
  checkTrailers(["x-sum", "1"]);
  assert.throws(() => checkTrailers([":status", "200"]), {
    name: "Http2Error",
  });
});
