/** Targets of all four forms, and texts that have none of them. */
import assert from "node:assert/strict";
import { Http1Error } from "../../../src/http1/errors.ts";
import {
  isAuthority,
  isTarget,
  parseTarget,
  type RequestTarget,
} from "../../../src/http1/parse/request_target.ts";

/** The form of a method and target. */
const FORMS: readonly (readonly [string, string, Partial<RequestTarget>])[] = [
  ["CONNECT", "shop.test:443", { form: "authority" }],
  ["CONNECT", "[::1]:443", { form: "authority", authority: "[::1]:443" }],
  ["GET", "/a?b=c", { form: "origin", path: "/a?b=c" }],
  ["OPTIONS", "*", { form: "asterisk", path: "*" }],
  ["GET", "http://shop.test/a?b", {
    ...{ form: "absolute", scheme: "http" },
    ...{ authority: "shop.test", path: "/a?b" },
  }],
  ["GET", "HTTPS://shop.test:8443/", { scheme: "https", path: "/" }],
  ["GET", "ws://shop.test", { scheme: "ws", path: "/" }],
  ["GET", "wss://shop.test?q", {
    ...{ scheme: "wss", authority: "shop.test", path: "/?q" },
  }],
  ["OPTIONS", "http://shop.test", { path: "*" }],
  ["OPTIONS", "http://shop.test?q", { path: "/?q" }],
  ["OPTIONS", "http://shop.test/", { path: "/" }],
  ["GET", "http://[::1]:80/", { authority: "[::1]:80" }],
];

for (const [method, target, wanted] of FORMS) {
  Deno.test(`parseTarget() reads ${method} ${target}`, () => {
    const parsed = parseTarget(method, target);
    assert.deepEqual({ ...parsed, ...wanted }, parsed);
  });
}

const NO_PORT = /: the target of CONNECT is not host:port$/;
const NO_URL = /: the target is neither a path nor an http or https URL$/;
const NO_HOST = /: the authority of the target is not host or host:port$/;

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ["CONNECT", "shop.test", NO_PORT],
  ["CONNECT", "[::1]", NO_PORT],
  ["CONNECT", "shop.test:0", NO_PORT],
  ["CONNECT", "/a", NO_PORT],
  ["GET", "/a#b", /: the target has a fragment$/],
  ["GET", "http://shop.test/#b", /: the target has a fragment$/],
  ["GET", "*", NO_URL],
  ["GET", "", NO_URL],
  ["GET", "shop.test/a", NO_URL],
  ["GET", "ftp://shop.test/", NO_URL],
  ["GET", "://shop.test/", NO_URL],
  ["GET", "http:///a", NO_HOST],
  ["GET", "http://a@shop.test/", NO_HOST],
  ["GET", "http://shop.test:/", NO_HOST],
];

for (const [method, target, reason] of REFUSED) {
  Deno.test(`parseTarget() refuses ${method} ${target}`, () => {
    assert.throws(
      () => parseTarget(method, target),
      (error) =>
        error instanceof Http1Error && error.code === "malformed" &&
        reason.test(error.message),
    );
  });
}

const AUTHORITIES: readonly (readonly [string, boolean])[] = [
  ["a", true],
  ["a-b_c~.0", true],
  ["", false],
  [":80", false],
  ["a:1", true],
  ["a:0", false],
  ["a:65535", true],
  ["a:65536", false],
  ["a:00080", true],
  ["a:000080", false],
  ["a:", false],
  ["a:8x", false],
  ["a:+8", false],
  ["a:80:80", false],
  ["a b", false],
  ["a@b", false],
  ["a/b", false],
  ["ä", false],
  ["[::1]", true],
  ["[::1]:80", true],
  ["[::ffff:1.2.3.4]", true],
  ["[::1", false],
  ["::1", false],
  ["[]", false],
  ["[80]", false],
  ["[::g]", false],
  ["[::1]80", false],
  ["[::1]x80", false],
  ["[fe80::1%eth0]", false],
];

for (const [text, isOne] of AUTHORITIES) {
  Deno.test(`isAuthority() is ${isOne} for "${text}"`, () => {
    assert.equal(isAuthority(text), isOne);
  });
}

Deno.test("isAuthority() takes hosts of 255 characters, and no longer ones", () => {
  assert.equal(isAuthority("a".repeat(255)), true);
  assert.equal(isAuthority(`${"a".repeat(255)}:80`), true);
  assert.equal(isAuthority("a".repeat(256)), false);
});

Deno.test("isTarget() takes visible ASCII, first and last character too", () => {
  assert.equal(isTarget("!azAZ09/~"), true);
  for (const wrong of ["a b", "a\x7f", "a\x1f", "ä"]) {
    assert.equal(isTarget(wrong), false, JSON.stringify(wrong));
  }
});
