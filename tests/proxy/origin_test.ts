/** @module */
import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import { ProxyError } from "../../src/proxy/errors/errors.ts";
import { originKey, originOf } from "../../src/proxy/origin.ts";
import { connect, get, upgrade } from "./requests.ts";

Deno.test("originOf() takes the port of the scheme where the authority has none", () => {
  const [hostname, other] = ["a.test", "b.test"];
  const plain = { hostname, port: 80, secure: false };
  const secure = { hostname, port: 443, secure: true };

  assert.deepEqual(originOf(get(hostname, "http")), plain);
  assert.deepEqual(originOf(get(hostname, "https")), secure);
  assert.deepEqual(originOf(upgrade(hostname, "http")), plain);
  assert.deepEqual(originOf(upgrade(hostname, "https")), secure);
  assert.deepEqual(originOf(get(`${other}:8443`, "https")), {
    hostname: other,
    port: 8443,
    secure: true,
  });
});

Deno.test("originOf() of a CONNECT speaks no TLS of its own", () => {
  assert.deepEqual(originOf(connect("a.test:443")), {
    hostname: "a.test",
    port: 443,
    secure: false,
  });
});

Deno.test("originOf() reads IPv6 in brackets", () => {
  assert.deepEqual(originOf(get("[::1]")), {
    hostname: "::1",
    port: 80,
    secure: false,
  });
  assert.equal(originOf(connect("[fe80::1]:22")).hostname, "fe80::1");
});

Deno.test("originOf() refuses what is not a host and a port", () => {
  for (
    const authority of [
      "",
      ":80",
      "a.test:http",
      "a.test:65536",
      "::1",
      "[a.test]:80",
      "a.test HTTP/1.1:80",
      "a.test\t:80",
      "jane@a.test:80",
    ]
  ) {
    assert.throws(() => originOf(get(authority)), {
      name: "ProxyError",
      code: "badRequest",
      status: 400,
    }, authority);
  }
});

Deno.test("originKey() is shared by requests that can share a connection, and by no others", () => {
  const key = originKey(originOf(get("a.test", "http")));

  assert.equal(key, originKey(originOf(get("a.test:80", "http"))));
  assert.equal(key, originKey(originOf(upgrade("a.test", "http"))));
  const others = [
    get("b.test", "http"),
    get("a.test:81", "http"),
    get("a.test:80", "https"),
    get("a.test", "https"),
  ];
  for (const other of others) {
    assert.notEqual(key, originKey(originOf(other)));
  }
});

Deno.test("originOf() says what is wrong with the authority", () => {
  for (
    const [authority, why] of [
      [":80", "it has no host"],
      ["jane@a.test:80", "it has a character that is not allowed in a host"],
      ["a.test:65536", "the port is not a number from 0 to 65535"],
    ] as const
  ) {
    assert.throws(
      () => originOf(get(authority)),
      (error) =>
        error instanceof ProxyError && error.message.includes(why) &&
        error.cause instanceof SyntaxError,
      authority,
    );
  }
});

Deno.test("originOf() of a CONNECT passes its Via on, and that of a request does not", () => {
  const fields = new Fields(["Via", "1.1 a", "Via", "1.1 b"]);

  assert.equal(
    originOf({ ...connect("a.test:443"), fields }).via,
    "1.1 a, 1.1 b",
  );
  assert.equal("via" in originOf({ ...get("a.test"), fields }), false);
  assert.equal("via" in originOf(connect("a.test:443")), false);
});

Deno.test("an origin's key has its scheme, host and port", () => {
  const target = { hostname: "a.test", port: 80 };
  assert.equal(originKey({ ...target, secure: false }), "http://a.test:80");
  assert.equal(originKey({ ...target, secure: true }), "https://a.test:80");
  assert.equal(
    originKey({ hostname: "::1", port: 1, secure: true }),
    "https://[::1]:1",
  );
});
