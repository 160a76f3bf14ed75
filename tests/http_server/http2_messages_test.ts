/** Messages of HTTP/2 as handlers have them, and back. */
import assert from "node:assert/strict";
import type { ProxyRequest } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { Http1Error } from "../../src/http1/errors.ts";
import {
  encodeHttp2Request,
  HTTP2_MESSAGES,
} from "../../src/http_server/http2_messages.ts";
import { requestOf, responseOf, upgradeOf } from "../plugin/exchanges.ts";

const META = {
  ":method": "GET",
  ":scheme": "https",
  ":authority": "shop.test",
  ":path": "/a?b",
};

/** The field list with these pseudo-header fields; `undefined` leaves one out. */
function listWith(
  meta: Readonly<Record<string, string | undefined>> = {},
  ...fields: readonly string[]
): readonly string[] {
  const all = Object.entries({ ...META, ...meta });
  return [
    ...all.flatMap(([name, value]) => value === undefined ? [] : [name, value]),
    ...fields,
  ];
}

const BODY = {
  ...{ length: 5, trailers: undefined, cancel() {} },
  read: () => Promise.resolve(null),
};

function decode(list: readonly string[]): ProxyRequest {
  return HTTP2_MESSAGES.decodeRequest(list, (length) => ({
    ...BODY,
    length,
  }));
}

Deno.test("a request has its parts, and Host says the authority", () => {
  const request = decode(listWith({}, "x-a", "1", "host", "other.test"));
  assert.ok(request.kind === "request");
  const { kind, method, scheme, authority, path, fields, body } = request;
  assert.deepEqual(
    [kind, method, scheme, authority, path],
    ["request", "GET", "https", "shop.test", "/a?b"],
  );
  assert.deepEqual([...fields], [["x-a", "1"], ["host", "shop.test"]]);
  assert.equal(body?.length, undefined);
  const sized = decode(listWith({}, "content-length", "7"));
  assert.ok(sized.kind === "request");
  assert.equal(sized.body?.length, 7);
  const none = HTTP2_MESSAGES.decodeRequest(listWith(), undefined);
  assert.ok(none.kind === "request");
  assert.equal(none.body, undefined);
});

Deno.test("cookies come on one line, fields of a connection go no further", () => {
  const { fields } = decode(
    listWith({}, "cookie", "a=1", "keep-alive", "1", "cookie", "b=2"),
  );
  assert.deepEqual([...fields], [
    ["cookie", "a=1; b=2"],
    ["host", "shop.test"],
  ]);
});

Deno.test("Host is the authority where nothing else is", () => {
  const list = listWith({ ":authority": undefined }, "host", "other.test");
  assert.equal(decode(list).authority, "other.test");
});

Deno.test("CONNECT is to a host and port, or opens a WebSocket", () => {
  const connect = {
    ":method": "CONNECT",
    ":scheme": undefined,
    ":path": undefined,
  };
  const list = listWith({ ...connect, ":authority": "a.test:443" });
  const { kind, authority } = decode(list);
  assert.deepEqual([kind, authority], ["connect", "a.test:443"]);
  refused(listWith({ ...connect }), /the target of CONNECT is not host:port/);

  const upgrade = decode(
    listWith({ ":method": "CONNECT", ":protocol": "websocket" }),
  );
  assert.ok(upgrade.kind === "upgrade");
  assert.deepEqual(
    [upgrade.method, upgrade.protocol, upgrade.path, upgrade.scheme],
    ["GET", "websocket", "/a?b", "https"],
  );
  refused(
    listWith({ ":method": "CONNECT", ":protocol": "h2c" }),
    /its protocol is not websocket/,
    "unsupportedUpgrade",
  );
});

/** What is wrong → why. */
const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [listWith({ ":method": "G T" }), /the method is not a token/],
  [listWith({ ":method": undefined }), /the method is not a token/],
  [listWith({ ":scheme": "ftp" }), /the scheme is neither http nor https/],
  [listWith({ ":scheme": undefined }), /the scheme is neither http nor https/],
  [listWith({ ":path": "/a b" }), /the path has a character/],
  [listWith({ ":path": "/a#b" }), /the target has a fragment/],
  [listWith({ ":path": "" }), /the target is neither a path nor/],
  [listWith({ ":path": "*" }), /the target is neither a path nor/],
  [listWith({ ":authority": "a@b" }), /the authority is not host or host:port/],
  [listWith({ ":authority": undefined }), /the authority is not host/],
  [listWith({}, "host", "a", "host", "a"), /it has more than one Host/],
];

for (const [list, why] of REFUSED) {
  Deno.test(`${list.slice(0, 12)} is refused: ${why.source}`, () => {
    refused(list, why);
  });
}

Deno.test("OPTIONS may be for the whole server", () => {
  const request = decode(listWith({ ":method": "OPTIONS", ":path": "*" }));
  assert.ok(request.kind === "request");
  assert.equal(request.path, "*");
});

Deno.test("a response has its status, and fields in lower case", () => {
  const request = requestOf("http://a.test/");
  const response = responseOf("a", {
    status: 404,
    fields: ["X-A", "1", "Connection", "close"],
  });
  assert.deepEqual(HTTP2_MESSAGES.encodeResponse(response, request), [
    ":status",
    "404",
    "x-a",
    "1",
  ]);
  const decoded = HTTP2_MESSAGES.decodeResponse(
    [":status", "404", "x-a", "1"],
    request,
  );
  assert.deepEqual([decoded.status, decoded.switched], [404, false]);
  assert.deepEqual([...decoded.fields], [["x-a", "1"]]);
  const hints = HTTP2_MESSAGES.encodeInterim(103, new Fields(["Link", "a"]));
  assert.deepEqual(hints, [":status", "103", "link", "a"]);
});

Deno.test("an upgrade that is accepted has status 200, any other its own", () => {
  const fields = new Fields();
  const upgrade = upgradeOf("http://a.test/");
  const stream = {
    kind: "stream",
    status: 101,
    fields,
  } as unknown as Parameters<
    typeof HTTP2_MESSAGES.encodeResponse
  >[0];
  assert.equal(HTTP2_MESSAGES.encodeResponse(stream, upgrade)[1], "200");
  const refusal = responseOf("a", { status: 403 });
  assert.equal(HTTP2_MESSAGES.encodeResponse(refusal, upgrade)[1], "403");
});

Deno.test("a request to a site has its authority from Host, and takes trailers", () => {
  const fields = [
    "Host",
    "other.test",
    "X-A",
    "1",
    "Content-Length",
    "9",
    "TE",
    "x",
  ];
  const get = requestOf("http://shop.test/a?b", { fields });
  const meta = [":method", "GET", ":scheme", "http"];
  assert.deepEqual(encodeHttp2Request(get), [
    ...meta,
    ...[":authority", "other.test", ":path", "/a?b"],
    ...["x-a", "1", "te", "trailers"],
  ]);
  const plain = requestOf("http://shop.test/");
  assert.deepEqual(encodeHttp2Request(plain), [
    ...[...meta, ":authority", "shop.test", ":path", "/"],
    ...["te", "trailers"],
  ]);
  const post = requestOf("http://shop.test/", { method: "POST", body: BODY });
  assert.deepEqual(encodeHttp2Request(post).slice(8), [
    ...["content-length", "5", "te", "trailers"],
  ]);
});

function refused(
  list: readonly string[],
  why: RegExp,
  code = "malformed",
): void {
  assert.throws(
    () => decode(list),
    (error) =>
      error instanceof Http1Error && error.code === code &&
      why.test(error.message),
  );
}
