/** Requests as they are written: form, framing, and what is refused. */
import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import {
  type OriginRequest,
  putRequest,
  sentFramingOf,
  type TargetForm,
  waitsForContinue,
} from "../../../src/http1/client/outgoing_request.ts";
import { OutputBuffer } from "../../../src/http1/write/output_buffer.ts";

const BODY = { length: 5, read: () => Promise.resolve(null), cancel() {} };
const UNKNOWN = { ...BODY, length: undefined };

function request(
  changes: Readonly<Record<string, unknown>> = {},
  lines: readonly (readonly [string, string])[] = [],
): OriginRequest {
  const fields = new Fields();
  for (const [name, value] of lines) fields.append(name, value);
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: "shop.test",
    path: "/a?b",
    fields,
    ...changes,
  } as OriginRequest;
}

function written(from: OriginRequest, form: TargetForm = "origin"): string {
  const out = new OutputBuffer({ write: () => assert.fail() });
  putRequest(out, from, form);
  return new TextDecoder().decode(out.bytes);
}

Deno.test("a request names its path to an origin, its URL to a proxy", () => {
  const rest = "HTTP/1.1\r\nHost: shop.test\r\n\r\n";
  assert.equal(written(request()), `GET /a?b ${rest}`);
  assert.equal(
    written(request(), "absolute"),
    `GET http://shop.test/a?b ${rest}`,
  );
  const options = request({ method: "OPTIONS", path: "*" });
  assert.equal(written(options), `OPTIONS * ${rest}`);
  assert.equal(
    written(options, "absolute"),
    `OPTIONS http://shop.test ${rest}`,
  );
});

Deno.test("a request keeps its Host, and gets one where it has none", () => {
  const kept = written(request({}, [["host", "other.test"], ["X-A", "1"]]));
  assert.equal(kept, "GET /a?b HTTP/1.1\r\nhost: other.test\r\nX-A: 1\r\n\r\n");
});

Deno.test("an upgrade names its protocol", () => {
  const text = written(request({ kind: "upgrade", protocol: "websocket" }));
  assert.equal(
    text,
    "GET /a?b HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\n" +
      "Upgrade: websocket\r\n\r\n",
  );
});

/** Method and body → framing. */
const FRAMINGS = [
  ["GET", undefined, { kind: "none" }],
  ["DELETE", undefined, { kind: "none" }],
  ["POST", undefined, { kind: "length", length: 0 }],
  ["PUT", undefined, { kind: "length", length: 0 }],
  ["PATCH", undefined, { kind: "length", length: 0 }],
  ["GET", BODY, { kind: "length", length: 5 }],
  ["POST", UNKNOWN, { kind: "chunked" }],
] as const;

for (const [method, body, framing] of FRAMINGS) {
  Deno.test(`${method} ${body ? `with ${body.length} bytes` : "alone"} is ${framing.kind}`, () => {
    assert.deepEqual(sentFramingOf(request({ method, body })), framing);
  });
}

Deno.test("an upgrade has no content", () => {
  const upgrade = { kind: "upgrade", protocol: "websocket", body: BODY };
  assert.deepEqual(sentFramingOf(request(upgrade)), { kind: "none" });
});

Deno.test("only content that expects a 100 waits for it", () => {
  const expects = [["Expect", "100-Continue"]] as const;
  assert.equal(waitsForContinue(request({ body: BODY }, expects)), true);
  assert.equal(waitsForContinue(request({}, expects)), false);
  assert.equal(waitsForContinue(request({ body: BODY })), false);
  const upgrade = { kind: "upgrade", protocol: "websocket", body: BODY };
  assert.equal(waitsForContinue(request(upgrade, expects)), false);
});

for (
  const [what, changes, lines, message] of [
    ["a URL as its path", { path: "http://a/" }, [], /its path is not a path/],
    ["no path", { path: "" }, [], /its path is not a path/],
    ["a path as its host", { authority: "a/b" }, [], /authority is not a host/],
    ["two Hosts", {}, [["Host", "a"], ["Host", "a"]], /more than one Host/],
  ] as const
) {
  Deno.test(`a request with ${what} is not written`, () => {
    assert.throws(() => written(request(changes, lines)), message);
  });
}

Deno.test("a request without an authority has an empty Host", () => {
  assert.match(written(request({ authority: "" })), /\r\nHost: \r\n/);
});
