import assert from "node:assert/strict";
import {
  pacProxyOf,
  parseProxyAddress,
  proxyUrlOf,
} from "../../../src/net/address/proxy_address.ts";

Deno.test.each([
  ["https://lab.example", "https://lab.example:443", "HTTPS lab.example:443"],
  [
    "HTTPS://lab.example:8443/",
    "https://lab.example:8443",
    "HTTPS lab.example:8443",
  ],
  ["http://[::1]:8080", "http://[::1]:8080", "PROXY [::1]:8080"],
  ["lab.example:8080", "http://lab.example:8080", "PROXY lab.example:8080"],
])("parseProxyAddress() reads %s", (text, url, pac) => {
  const address = parseProxyAddress(text);

  assert.equal(proxyUrlOf(address), url);
  assert.equal(pacProxyOf(address), pac);
});

Deno.test.each([
  "lab.example",
  "http://lab.example",
  "https://lab:x",
  "::1:80",
])(
  "parseProxyAddress() refuses %s",
  (text) => {
    assert.throws(() => parseProxyAddress(text), SyntaxError);
  },
);
