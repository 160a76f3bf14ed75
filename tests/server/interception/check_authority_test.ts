/** Inside the TLS of one host, only that host may be asked for. */
import assert from "node:assert/strict";
import type { PlainRequest, ProxyRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import {
  checkAuthority,
  parseAuthority,
} from "../../../src/server/interception/check_authority.ts";
import { contextOf, plain } from "../../http1/served.ts";

function request(authority: string, changes = {}): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "https",
    authority,
    path: "/",
    fields: new Fields(["Proxy-Authorization", "Basic a", "X-A", "1"]),
    body: undefined,
    ...changes,
  };
}

function checking(authority: string) {
  const passed: ProxyRequest[] = [];
  const connect = {
    ...{ kind: "connect", method: "CONNECT", authority } as const,
    fields: new Fields(),
  };
  const check = checkAuthority(connect, (asked) => {
    passed.push(asked);
    return Promise.resolve(plain(200, ""));
  });
  return { passed, check: (asked: ProxyRequest) => check(asked, contextOf()) };
}

/** CONNECT → what may be asked for inside. */
const SAME = [
  ["a.test:443", "a.test"],
  ["a.test:443", "a.test:443"],
  ["a.test:443", "A.Test"],
  ["a.test:443", "a.test."],
  ["a.test:8443", "a.test:8443"],
  ["[2001:db8::1]:443", "[2001:DB8::1]"],
] as const;

for (const [connect, authority] of SAME) {
  Deno.test(`inside ${connect}, ${authority} is passed on`, async () => {
    const { passed, check } = checking(connect);
    await check(request(authority));
    assert.equal(passed.length, 1);
    assert.deepEqual([...passed[0]?.fields ?? []], [["X-A", "1"]]);
  });
}

const OTHERS: readonly (readonly [string, ProxyRequest])[] = [
  ["a.test:443", request("b.test")],
  ["a.test:443", request("a.test:8443")],
  ["a.test:8443", request("a.test")],
  ["a.test:443", request("a.test", { scheme: "http" })],
  ["a.test:443", request("sub.a.test")],
  [
    "a.test:443",
    {
      ...{ kind: "connect", method: "CONNECT", authority: "a.test:443" },
      fields: new Fields(),
    },
  ],
];

for (const [connect, asked] of OTHERS) {
  const scheme = asked.kind === "connect" ? "connect" : asked.scheme;
  Deno.test(`inside ${connect}, ${scheme}://${asked.authority} is misdirected`, async () => {
    const { passed, check } = checking(connect);
    await assert.rejects(check(asked), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "misdirected");
      assert.match(error.message, new RegExp(asked.authority));
      return true;
    });
    assert.deepEqual(passed, []);
  });
}

Deno.test("an authority has the port of HTTPS, and its name in one spelling", () => {
  assert.deepEqual(parseAuthority("A.Test."), {
    hostname: "a.test",
    port: 443,
  });
});

for (const authority of ["a.test:x", "a.test:70000", "[::1"]) {
  Deno.test(`"${authority}" is a bad request, with the reason`, () => {
    assert.throws(() => parseAuthority(authority), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "badRequest");
      assert.ok(error.cause instanceof Error);
      return true;
    });
  });
}
