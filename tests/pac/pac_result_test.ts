/** What scripts return, entry by entry. */
import assert from "node:assert/strict";
import { formatUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { parsePacResult } from "../../src/pac/pac_result.ts";

const shown = (text: string) =>
  parsePacResult(text).map((choice) =>
    choice === "direct" ? choice : formatUpstreamProxy(choice)
  );

const RESULTS: readonly (readonly [string, readonly string[]])[] = [
  ["", ["direct"]],
  [" ; ", ["direct"]],
  ["DIRECT", ["direct"]],
  ["direct", ["direct"]],
  ["PROXY a:8080", ["http://a:8080"]],
  ["proxy a", ["http://a:80"]],
  ["HTTP a", ["http://a:80"]],
  ["HTTPS a", ["https://a:443"]],
  ["SOCKS a", ["socks5://a:1080"]],
  ["SOCKS5 a:1", ["socks5://a:1"]],
  ["PROXY  a:8080 ;DIRECT;", ["http://a:8080", "direct"]],
  ["PROXY [::1]", ["http://[::1]:80"]],
  ["PROXY [::1]:81", ["http://[::1]:81"]],
  // What cannot be used is left out.
  ["SOCKS4 a; DIRECT", ["direct"]],
  ["PROXY; DIRECT", ["direct"]],
  ["PROXY a b; DIRECT", ["direct"]],
  ["PROXY ä; DIRECT", ["direct"]],
  ["PROXY a:99999; DIRECT", ["direct"]],
];

for (const [text, choices] of RESULTS) {
  Deno.test(`"${text}" is ${choices.join(", ")}`, () => {
    assert.deepEqual(shown(text), choices);
  });
}

Deno.test("a result without an entry that can be used is refused", () => {
  for (const text of ["SOCKS4 a", "PROXY", "no"]) {
    assert.throws(() => parsePacResult(text), {
      name: "SyntaxError",
      message: `Cannot use the result of the PAC "${text}": expected DIRECT, ` +
        "PROXY, HTTPS or SOCKS host:port",
    });
  }
});

Deno.test("ten entries are tried, and no more", () => {
  const proxies = Array.from({ length: 12 }, (_, at) => `PROXY a${at}`);
  const choices = shown(proxies.join(";"));
  assert.equal(choices.length, 10);
  assert.equal(choices.at(-1), "http://a9:80");
});
