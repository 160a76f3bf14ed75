/** @module */
import assert from "node:assert/strict";
import { netAccess, netTarget } from "../../../src/plugin/host/net_access.ts";

/** Permissions, and URLs with whether they are allowed. */
const CASES: readonly (readonly [
  net: readonly string[] | boolean,
  allowed: readonly string[],
  denied: readonly string[],
])[] = [
  [true, ["http://a.test/", "https://[::1]:8443/"], []],
  [false, [], ["http://a.test/"]],
  [[], [], ["http://a.test/"]],
  [
    ["api.test"],
    ["http://api.test/", "https://API.test:8443/x", "http://api.test./"],
    ["http://b.api.test/", "http://xapi.test/", "http://api.test.evil.test/"],
  ],
  [
    ["api.test:443"],
    ["https://api.test/", "http://api.test:443/"],
    ["http://api.test/", "https://api.test:444/"],
  ],
  [
    ["*.api.test"],
    ["http://b.api.test/", "http://c.b.api.test/"],
    ["http://api.test/", "http://xapi.test/"],
  ],
  [
    ["10.0.0.0/8", "127.0.0.1:80"],
    ["http://10.1.2.3/", "http://127.0.0.1/", "http://127.1/"],
    ["http://11.0.0.1/", "http://127.0.0.1:81/", "http://10.test/"],
  ],
  [
    ["[::1]:80", "fd00::1"],
    ["http://[::1]/", "https://[fd00:0::1]/"],
    ["http://[::1]:81/", "http://[fd00::2]/"],
  ],
  [["a:b:c", "10.0.0.0/99", ""], [], ["http://a/", "http://10.0.0.1/"]],
];

Deno.test("netAccess() reads permissions as Deno does", () => {
  for (const [net, allowed, denied] of CASES) {
    const allows = netAccess(net);
    for (const url of allowed) assert.ok(allows(new URL(url)), `${net} ${url}`);
    for (const url of denied) assert.ok(!allows(new URL(url)), `${net} ${url}`);
  }
});

Deno.test("netTarget() gives the entry that would allow a URL", () => {
  const urls = ["http://A.test/x", "https://a.test/", "http://[::1]:81/"];

  const targets = urls.map((url) => netTarget(new URL(url)));

  assert.deepEqual(targets, ["a.test:80", "a.test:443", "[::1]:81"]);
  urls.forEach((url, at) =>
    assert.ok(netAccess([targets[at] ?? ""])(new URL(url)))
  );
});
