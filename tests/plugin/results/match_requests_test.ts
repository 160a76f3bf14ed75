import assert from "node:assert/strict";
import fc from "fast-check";
import type { Match } from "../../../src/plugin/api/match.ts";
import {
  matcherOf,
  type MatchSubject,
  readMatch,
} from "../../../src/plugin/results/match_requests.ts";

const SUBJECT: MatchSubject = {
  ...{ host: "www.shop.test", path: "/users/7/cart", method: "GET" },
  job: "checkout-1",
};

function matches(match: unknown, subject: Partial<MatchSubject> = {}): boolean {
  return matcherOf(readMatch(match))({ ...SUBJECT, ...subject });
}

Deno.test.each(
  [
    [{}, true],
    [{ host: "www.shop.test" }, true],
    [{ host: "WWW.Shop.TEST" }, true],
    [{ host: "shop.test" }, false],
    [{ host: "www.shop" }, false],
    [{ host: "*.shop.test" }, true],
    [{ host: "*shop*" }, true],
    [{ host: "*.test.*" }, false],
    [{ host: ["a.test", "*.shop.test"] }, true],
    [{ path: "/users/7/cart" }, true],
    [{ path: "/users/7" }, false],
    [{ path: "/Users/7/cart" }, false],
    [{ path: "/users/:id/cart" }, true],
    [{ path: "/users/:id" }, false],
    [{ path: "/users/*" }, true],
    [{ path: "/users/:id/*" }, true],
    [{ path: "/:a/:b/:c" }, true],
    [{ path: "/:a/:b/:c/:d" }, false],
    [{ path: "*cart" }, true],
    [{ path: "/users/7/cart:x" }, false],
    [{ path: "/users/7/:x-y" }, false],
    [{ method: "GET" }, true],
    [{ method: "get" }, false],
    [{ method: ["POST", "GET"] }, true],
    [{ job: "checkout-*" }, true],
    [{ job: "search-*" }, false],
    [{ host: "*.shop.test", method: "POST" }, false],
    [[{ method: "POST" }, { path: "*/cart" }], true],
    [[{ method: "POST" }, { path: "*/login" }], false],
  ] as const,
)("match %j says %s", (match, expected) => {
  assert.equal(matches(match), expected);
});

Deno.test("a request without a job matches no pattern for jobs", () => {
  assert.equal(matches({ job: "*" }), true);
  assert.equal(matches({ job: "*" }, { job: undefined }), false);
});

Deno.test("a segment is not empty, and a star may be", () => {
  assert.equal(matches({ path: "/users/:id" }, { path: "/users/7" }), true);
  assert.equal(matches({ path: "/users/:id" }, { path: "/users/" }), false);
  assert.equal(matches({ path: "/users/*" }, { path: "/users/" }), true);
});

Deno.test("without a match all requests are for the plugin", () => {
  assert.equal(readMatch(undefined), undefined);
  assert.equal(matches(undefined), true);
});

Deno.test.each(
  [
    ["/api", 'its "match" is a string, use { host, path, method, job }'],
    [[], 'its "match" is empty, remove it to get all requests'],
    [
      { hots: "a.test" },
      'its "match" has an unknown part "hots", use host, path, method or job',
    ],
    [
      { host: 1 },
      '"host" of its "match" is a number, use a text or a list of texts',
    ],
    [
      { host: [] },
      '"host" of its "match" is an empty list, use a text or a list of texts',
    ],
    [{ host: "" }, 'the host "" of its "match" is empty'],
    [
      { host: "a.test:80" },
      'the host "a.test:80" of its "match" has more than a host name',
    ],
    [
      { path: "users" },
      'the path "users" of its "match" does not begin with "/"',
    ],
    [
      { method: "M".repeat(1_025) },
      `the method "${
        "M".repeat(80)
      }" of its "match" has more than 1024 characters`,
    ],
    [
      { path: Array.from({ length: 257 }, (_, at) => `/${at}`) },
      'its "match" has 257 patterns, use at most 256',
    ],
    [
      { path: Array.from({ length: 5 }, () => `/${"a".repeat(998)}*`) },
      'its "match" has 5000 characters in patterns with "*" or ":", use at ' +
      "most 4096",
    ],
  ] as const,
)("match %j is refused", (match, message) => {
  assert.throws(() => readMatch(match), { name: "TypeError", message });
});

Deno.test("any pattern of stars matches as the regular expression that says the same", () => {
  const text = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 12 })
    .map((list) => `/${list.join("")}`);
  const pattern = fc.array(fc.constantFrom("a", "b", "/", "*", "/:x"), {
    maxLength: 8,
  }).map((list) => `/${list.join("")}`);
  fc.assert(
    fc.property(text, pattern, (path, glob) => {
      const source = glob.replace(
        /\*|(?<=\/):\w+(?=\/|$)/g,
        (token) => token === "*" ? ".*" : "[^/]+",
      );
      const match: Match = { path: glob };

      assert.equal(
        matches(match, { path }),
        new RegExp(`^${source}$`).test(path),
        `${glob} ${path}`,
      );
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("thousands of characters in names without a star are fine", () => {
  const host = Array.from({ length: 256 }, (_, at) => `${"a".repeat(40)}${at}`);

  assert.equal(matches({ host }, { host: `${"a".repeat(40)}255` }), true);
});

Deno.test("a pattern of many stars takes steps in proportion to the path, not powers of it", () => {
  const glob = `/${"*a".repeat(500)}b`;

  assert.equal(
    matches({ path: glob }, { path: `/${"a".repeat(60_000)}` }),
    false,
  );
});
