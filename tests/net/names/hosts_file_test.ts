/** @module */
import assert from "node:assert/strict";
import {
  hostsResolver,
  parseHosts,
  parseSystemHosts,
} from "../../../src/net/names/hosts_file.ts";

const { signal } = new AbortController();

Deno.test("parseHosts() reads addresses with their names", () => {
  const table = parseHosts(
    "\ufeff# sites of the lab\r\n" +
      "10.0.0.1 a.test b.test\n" +
      "\n" +
      "\t10.0.0.2\tC.Test.  # as people write it\n" +
      "   2001:db8::1 a.test\n" +
      "10.0.0.1 a.test #again",
  );

  assert.deepEqual(Object.fromEntries(table), {
    "a.test": ["10.0.0.1", "2001:db8::1"],
    "b.test": ["10.0.0.1"],
    "c.test": ["10.0.0.2"],
  });
});

for (
  const [line, reason] of [
    ["10.0.0.256 a.test", '"10.0.0.256" is no IP address'],
    ["127.1 a.test", '"127.1" is no IP address'],
    ["[::1] a.test", '"[::1]" is no IP address'],
    ["a.test 10.0.0.1", '"a.test" is no IP address'],
    ["10.0.0.1", '"10.0.0.1" has no name'],
    ["10.0.0.1 # a.test", '"10.0.0.1" has no name'],
    ["10.0.0.1 a.test 10.0.0.2", '"10.0.0.2" is not a host name'],
    ["10.0.0.1 *.a.test", '"*.a.test" is not a host name'],
    ["10.0.0.1 a..test", '"a..test" is not a host name'],
  ] as const
) {
  Deno.test(`parseHosts() says what is wrong with "${line}"`, () => {
    assert.throws(() => parseHosts(`10.0.0.1 a.test\n\n${line}\n`), {
      name: "SyntaxError",
      message: `${reason} in line 3`,
    });
  });
}

Deno.test("parseSystemHosts() leaves out what it cannot read", () => {
  const table = parseSystemHosts("nonsense\n10.0.0.1 a.test\n10.0.0.2");

  assert.deepEqual(Object.fromEntries(table), { "a.test": ["10.0.0.1"] });
});

Deno.test("hostsResolver() knows names in whatever spelling", async () => {
  const resolve = hostsResolver(parseHosts("10.0.0.1 a.test"));

  assert.deepEqual(await resolve("A.TEST.", signal), ["10.0.0.1"]);
  assert.equal(await resolve("b.a.test", signal), undefined);
});
