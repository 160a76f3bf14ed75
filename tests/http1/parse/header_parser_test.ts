import assert from "node:assert/strict";
import {
  parseRequest,
  parseResponse,
} from "../../../src/http1/parse/header_parser.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";

Deno.test("parseRequest() separates the request line and the fields", () => {
  const parsed = parseRequest(
    bytesOf("M-SEARCH * HTTP/1.0\r\nA:b\r\nC: \r\n\r\n"),
  );

  assert.deepEqual({ ...parsed, fields: parsed.fields.flat }, {
    method: "M-SEARCH",
    target: "*",
    minorVersion: 0,
    fields: ["A", "b", "C", ""],
  });
});

Deno.test("parseResponse() separates the status line and the fields", () => {
  const parsed = parseResponse(
    bytesOf("HTTP/1.1 404 Not  F\xf6und\r\nA: b\r\n\r\n"),
  );

  assert.deepEqual({ ...parsed, fields: parsed.fields.flat }, {
    status: 404,
    reason: "Not  F\xf6und",
    minorVersion: 1,
    fields: ["A", "b"],
  });
});

Deno.test("parseRequest() refuses a bare LF", () => {
  assert.throws(
    () => parseRequest(bytesOf("GET / HTTP/1.1\nA: b\r\n\r\n")),
    { code: "malformed", status: 400 },
  );
});

Deno.test("parseRequest() refuses bytes after the empty line and a section without one", () => {
  for (
    const text of [
      "GET / HTTP/1.1\r\n\r\nGET",
      "GET / HTTP/1.1\r\nA: b\r\n",
      "GET / HTTP/1.1\r\n",
      "GET /",
      "",
    ]
  ) {
    assert.throws(() => parseRequest(bytesOf(text)), { code: "malformed" });
  }
});

Deno.test("parseRequest() reads as many fields as its limit allows", () => {
  const lines = (count: number) =>
    bytesOf(`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(count)}\r\n`);

  assert.equal(parseRequest(lines(3), { maxFields: 3 }).fields.size, 3);
  assert.throws(() => parseRequest(lines(4), { maxFields: 3 }), {
    code: "headersTooLarge",
    status: 431,
  });
});
