import assert from "node:assert/strict";
import {
  formatUpstreamProxy,
  parseUpstreamProxy,
} from "../../../src/net/address/upstream_proxy.ts";

for (
  const [text, written] of [
    ["a.test:3128", "http://a.test:3128"],
    ["http://a.test", "http://a.test:1080"],
    ["HTTPS://a.test/", "https://a.test:443"],
    ["socks5://[::1]:1", "socks5://[::1]:1"],
    ["socks5h://a.test", "socks5://a.test:1080"],
    ["jane@a.test:1", "http://jane:@a.test:1"],
    ["http://j%40ne:s%3A%2F@a.test:1", "http://j%40ne:s%3A%2F@a.test:1"],
    ["http://j:100%@a.test:1", "http://j:100%25@a.test:1"],
  ] as const
) {
  Deno.test(`parseUpstreamProxy("${text}") is ${written}, and reads it back`, () => {
    const proxy = parseUpstreamProxy(text);

    assert.equal(formatUpstreamProxy(proxy), written);
    assert.deepEqual(parseUpstreamProxy(written), proxy);
  });
}

for (
  const text of [
    "",
    "ftp://a.test:1",
    "http://",
    "http://:80",
    "a.test:99999",
    "http://s3cr3t@b@a.test",
    "http://a.test:1/path",
  ]
) {
  Deno.test(`parseUpstreamProxy() refuses "${text}" and does not repeat it`, () => {
    assert.throws(() => parseUpstreamProxy(text), (error: Error) => {
      assert.equal(error instanceof SyntaxError, true);
      return !error.message.includes("s3cr3t");
    });
  });
}
