/** @module */
import assert from "node:assert/strict";
import {
  formatHostOverride,
  overridesResolver,
  parseHostOverride,
} from "../../../src/net/names/host_overrides.ts";

const { signal } = new AbortController();

/** The addresses of `name` under `overrides`. */
function resolve(
  overrides: readonly string[],
  name: string,
): ReturnType<ReturnType<typeof overridesResolver>> {
  return overridesResolver(overrides.map(parseHostOverride))(name, signal);
}

Deno.test("parseHostOverride() reads a name and its addresses", () => {
  assert.deepEqual(parseHostOverride("Shop.Test=10.0.0.1, ::1,[2001:db8::1]"), {
    pattern: "shop.test",
    addresses: ["10.0.0.1", "::1", "2001:db8::1"],
  });
});

Deno.test("parseHostOverride() reads what formatHostOverride() writes", () => {
  for (const text of ["a.test=10.0.0.1", "*.a.test=10.0.0.1,::1"]) {
    assert.equal(formatHostOverride(parseHostOverride(text)), text);
  }
});

for (
  const [text, reason] of [
    ["a.test", "it has no address"],
    ["=10.0.0.1", '"" is neither a host name nor *.name'],
    ["*=10.0.0.1", '"*" is neither a host name nor *.name'],
    ["*.=10.0.0.1", '"*." is neither a host name nor *.name'],
    ["a.*.test=10.0.0.1", '"a.*.test" is neither a host name nor *.name'],
    ["10.0.0.2=10.0.0.1", '"10.0.0.2" is neither a host name nor *.name'],
    ["a.test=", '"" is not an IP address'],
    ["a.test=10.0.0.1,", '"" is not an IP address'],
    ["a.test=10.0.0.1=", '"10.0.0.1=" is not an IP address'],
    ["a.test=b.test", '"b.test" is not an IP address'],
    ["a.test=127.1", '"127.1" is not an IP address'],
    ["a.test=10.0.0.1:80", '"10.0.0.1:80" is not an IP address'],
  ] as const
) {
  Deno.test(`parseHostOverride() says what is wrong with "${text}"`, () => {
    assert.throws(() => parseHostOverride(text), {
      name: "SyntaxError",
      message: `Cannot read "${text}": ${reason}`,
    });
  });
}

Deno.test("overridesResolver() knows names in whatever spelling", async () => {
  assert.deepEqual(await resolve(["a.test=10.0.0.1"], "A.Test."), ["10.0.0.1"]);
  assert.equal(await resolve(["a.test=10.0.0.1"], "b.test"), undefined);
  assert.equal(await resolve(["a.test=10.0.0.1"], "b.a.test"), undefined);
});

Deno.test("overridesResolver() takes a wildcard for all names below one", async () => {
  const overrides = ["*.local.test=127.0.0.1"];

  assert.deepEqual(await resolve(overrides, "a.local.test"), ["127.0.0.1"]);
  assert.deepEqual(await resolve(overrides, "a.b.local.test"), ["127.0.0.1"]);
  assert.equal(await resolve(overrides, "local.test"), undefined);
  assert.equal(await resolve(overrides, "alocal.test"), undefined);
});

Deno.test("overridesResolver() prefers the name itself, then the longest wildcard", async () => {
  const overrides = [
    "*.test=10.0.0.1",
    "*.b.test=10.0.0.2",
    "a.b.test=10.0.0.3",
  ];

  for (const order of [overrides, overrides.toReversed()]) {
    assert.deepEqual(await resolve(order, "a.b.test"), ["10.0.0.3"]);
    assert.deepEqual(await resolve(order, "x.a.b.test"), ["10.0.0.2"]);
    assert.deepEqual(await resolve(order, "b.test"), ["10.0.0.1"]);
  }
});

Deno.test("overridesResolver() gives all addresses of a name that is there twice", async () => {
  const overrides = ["a.test=10.0.0.1", "A.test=10.0.0.2"];

  assert.deepEqual(await resolve(overrides, "a.test"), [
    "10.0.0.1",
    "10.0.0.2",
  ]);
});
