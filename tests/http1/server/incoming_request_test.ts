/** What a request means, and what has more than one meaning. */
import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import { Http1Error } from "../../../src/http1/errors.ts";
import {
  type IncomingRequest,
  toIncomingRequest,
  toProxyRequest,
} from "../../../src/http1/server/incoming_request.ts";

type Line = readonly [string, string];
const HOST: Line = ["Host", "shop.test"];

function read(
  start: string,
  lines: readonly Line[] = [HOST],
  scheme: "http" | "https" = "http",
): IncomingRequest {
  const [method = "", target = "", version] = start.split(" ");
  const fields = new Fields();
  for (const [name, value] of lines) fields.append(name, value);
  const minorVersion = version === "1.0" ? 0 : 1;
  return toIncomingRequest({ method, target, fields, minorVersion }, scheme);
}

function refused(start: string, lines: readonly Line[], why: string): void {
  assert.throws(
    () => read(start, lines),
    (error) =>
      error instanceof Http1Error && error.code === "malformed" &&
      error.why === why,
  );
}

Deno.test("a plain request has all its parts", () => {
  const { fields, ...request } = read("GET /a?b", [HOST, ["X-A", "1"]]);
  assert.deepEqual(request, {
    method: "GET",
    scheme: "http",
    authority: "shop.test",
    path: "/a?b",
    isOriginForm: true,
    upgrade: undefined,
    framing: { kind: "none" },
    isHttp10: false,
    isPersistent: true,
    expectsContinue: false,
  });
  assert.deepEqual([...fields], [HOST, ["X-A", "1"]]);
});

/** Start, scheme of the connection → scheme, authority, and whether in origin form. */
const TARGETS:
  readonly (readonly [string, "http" | "https", readonly unknown[]])[] = [
    ["GET /a", "https", ["https", "shop.test", true]],
    ["OPTIONS *", "http", ["http", "shop.test", true]],
    ["GET http://other.test/a", "https", ["http", "other.test", false]],
    ["GET https://other.test/a", "http", ["https", "other.test", false]],
    ["CONNECT other.test:443", "http", ["http", "other.test:443", false]],
  ];

for (const [start, scheme, [wanted, authority, isOriginForm]] of TARGETS) {
  Deno.test(`${start} over ${scheme} is for ${wanted}://${authority}`, () => {
    const request = read(start, [HOST], scheme);
    assert.deepEqual(
      [request.scheme, request.authority, request.isOriginForm],
      [wanted, authority, isOriginForm],
    );
    assert.equal(request.fields.get("host"), authority);
  });
}

Deno.test("every request names one host, once", () => {
  const nameless = read("GET /a 1.0", []);
  assert.equal(nameless.authority, "");
  assert.equal(nameless.fields.has("host"), false);
  assert.equal(read("GET http://a/", [["Host", ""]]).authority, "a");
  refused("GET /a", [], "it has no Host");
  refused("GET http://a/", [], "it has no Host");
  refused("GET /a", [HOST, HOST], "it has more than one Host");
  refused("GET /a 1.0", [HOST, HOST], "it has more than one Host");
  refused("GET /a", [["Host", "a/b"]], "Host is not host or host:port");
  refused("GET http://a/", [["Host", "a b"]], "Host is not host or host:port");
  refused("GET /a", [["Host", ""]], "Host is empty");
});

const LENGTH: Line = ["Content-Length", "5"];

Deno.test("CONNECT has no content", () => {
  refused("CONNECT a:1", [HOST, LENGTH], "CONNECT has no content");
  assert.deepEqual(
    read("CONNECT a:1", [HOST, ["Content-Length", "0"]]).framing,
    {
      kind: "none",
    },
  );
});

Deno.test("fields of the connection go no further", () => {
  const { fields } = read("GET /a", [
    ...[HOST, ["Connection", "X-Own"], ["X-Own", "1"]] as const,
    ...[["Keep-Alive", "1"], ["X-A", "1"]] as const,
  ]);
  assert.deepEqual([...fields], [HOST, ["X-A", "1"]]);
});

const UPGRADE: Line = ["Connection", "keep-alive, Upgrade"];
const websocket = (protocol: string): readonly Line[] => [
  ...[HOST, UPGRADE],
  ["Upgrade", protocol],
];

/** The Upgrade field → the protocol. */
const PROTOCOLS: readonly (readonly [string, string | undefined])[] = [
  ["websocket", "websocket"],
  ["WebSocket", "WebSocket"],
  [" TLS/1.0 , websocket", "TLS/1.0"],
  ["h2c", undefined],
  ["websocket, h2c", undefined],
  ["", undefined],
  [", websocket", undefined],
  ["web socket", undefined],
];

for (const [field, protocol] of PROTOCOLS) {
  Deno.test(`Upgrade "${field}" is for ${protocol}`, () => {
    assert.equal(read("GET /", websocket(field)).upgrade, protocol);
  });
}

Deno.test("only a GET of HTTP/1.1 that names it in Connection upgrades", () => {
  assert.equal(read("GET / 1.0", websocket("websocket")).upgrade, undefined);
  assert.equal(read("CONNECT a:1", websocket("websocket")).upgrade, undefined);
  const lines = websocket("websocket");
  assert.equal(read("GET /", [...lines, LENGTH]).upgrade, undefined);
  const [, , field] = lines;
  assert.ok(field);
  assert.equal(read("GET /", [HOST, field]).upgrade, undefined);
  assert.equal(read("GET /", [HOST, UPGRADE]).upgrade, undefined);
});

Deno.test("ws URLs are for WebSockets", () => {
  for (const [scheme, wanted] of [["ws", "http"], ["wss", "https"]] as const) {
    const start = `GET ${scheme}://shop.test/`;
    assert.equal(read(start, websocket("WebSocket")).scheme, wanted);
    const why = `a ${scheme} URL is the target, but it opens no WebSocket`;
    refused(start, [HOST], why);
    refused(start, websocket("TLS/1.0"), why);
  }
});

/** Start and Connection field → whether the connection is used again. */
const PERSISTENT: readonly (readonly [string, string, boolean])[] = [
  ["GET /", "", true],
  ["GET /", "close", false],
  ["GET /", "keep-alive, Close", false],
  ["GET / 1.0", "", false],
  ["GET / 1.0", "Keep-Alive", true],
  ["GET / 1.0", "keep-alive, close", false],
  ["GET http://a/ 1.0", "keep-alive", false],
];

for (const [start, connection, isPersistent] of PERSISTENT) {
  Deno.test(`${start} with Connection "${connection}" ${isPersistent ? "goes on" : "ends"}`, () => {
    const request = read(start, [HOST, ["Connection", connection]]);
    assert.equal(request.isPersistent, isPersistent);
  });
}

Deno.test("only content of HTTP/1.1 waits for a 100", () => {
  const expect: Line = ["Expect", "100-Continue"];
  assert.equal(read("POST /", [HOST, LENGTH, expect]).expectsContinue, true);
  assert.equal(read("POST /", [HOST, LENGTH]).expectsContinue, false);
  assert.equal(read("POST /", [HOST, expect]).expectsContinue, false);
  const old = read("POST / 1.0", [HOST, LENGTH, expect]);
  assert.equal(old.expectsContinue, false);
  assert.equal(old.isHttp10, true);
});

Deno.test("handlers get one of three kinds", () => {
  const body = {
    ...{ length: 5, trailers: undefined, cancel() {} },
    read: () => Promise.resolve(null),
  };
  const connect = read("CONNECT a:1");
  assert.deepEqual(toProxyRequest(connect, undefined), {
    ...{ kind: "connect", method: "CONNECT", authority: "a:1" },
    fields: connect.fields,
  });
  const upgrade = read("GET /", websocket("websocket"));
  const common = { scheme: "http", authority: "shop.test", isOriginForm: true };
  assert.deepEqual(toProxyRequest(upgrade, undefined), {
    ...{ ...common, kind: "upgrade", method: "GET", path: "/" },
    ...{ protocol: "websocket", fields: upgrade.fields },
  });
  const plain = read("POST /b", [HOST, LENGTH]);
  assert.deepEqual(toProxyRequest(plain, body), {
    ...{ ...common, kind: "request", method: "POST", path: "/b" },
    ...{ fields: plain.fields, body },
  });
});
