/** @module */
import assert from "node:assert/strict";
import { parseAddress } from "../../../src/net/address/address.ts";
import { parseProxyExceptions } from "../../../src/net/address/proxy_exceptions.ts";

const TABLE: readonly (readonly [
  list: string,
  matches: readonly string[],
  others: readonly string[],
])[] = [
  [
    "example.com",
    ["example.com:443", "LAB.Example.com.:443", "a.b.example.com:1"],
    ["badexample.com:443", "example.com.evil.test:443", "example:443"],
  ],
  [".example.com", ["lab.example.com:443", "example.com:443"], ["com:443"]],
  ["lab.test:8443", ["lab.test:8443", "a.lab.test:8443"], ["lab.test:443"]],
  ["127.0.0.1", ["127.0.0.1:1", "[::ffff:127.0.0.1]:1"], ["127.0.0.2:1"]],
  ["fd00::1,[fd00::2]", ["[fd00::1]:1", "[fd00:0::2]:1"], ["[fd00::3]:1"]],
  ["[fd00::1]:443", ["[fd00::1]:443"], ["[fd00::1]:8443"]],
  [
    "10.0.0.0/8 fd00::/8",
    ["10.255.0.1:443", "[fd12::1]:443", "[::ffff:10.0.0.1]:443"],
    ["11.0.0.1:443", "[fe80::1]:443", "ten.test:443"],
  ],
  ["*", ["anything.test:443", "10.0.0.1:1"], []],
  ["a.test, , b.test\tc.test", ["b.test:443", "c.test:443"], ["d.test:443"]],
  ["", [], ["a.test:443"]],
  [".,/,10.0.0.0/99,a:b:c,*.a.test", [], ["x.a.test:443", "10.0.0.1:1"]],
];

for (const [list, matches, others] of TABLE) {
  Deno.test(`parseProxyExceptions() reads ${JSON.stringify(list)}`, () => {
    const isExcepted = parseProxyExceptions(list);

    for (const place of matches) {
      assert.equal(isExcepted(parseAddress(place)), true, place);
    }
    for (const place of others) {
      assert.equal(isExcepted(parseAddress(place)), false, place);
    }
  });
}
