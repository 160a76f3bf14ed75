/** Domain lists of Sauce Connect 4, name by name. */
import assert from "node:assert/strict";
import {
  domainPatterns,
  hostExpressions,
} from "../../../src/cli/legacy/domain_patterns.ts";

const PATTERNS: readonly (readonly [string, string])[] = [
  ["all", "all"],
  ["*", "all"],
  ["shop.test", "^shop\\.test$"],
  ["Shop.Test.", "^shop\\.test$"],
  [".shop.test", "\\.shop\\.test$"],
  ["*.shop.test", "\\.shop\\.test$"],
  ["shop*.test", "^shop.*\\.test$"],
  ["10.0.0.1", "^10\\.0\\.0\\.1$"],
  ["::1", "^::1$"],
  ["a_b-c", "^a_b-c$"],
];

for (const [name, pattern] of PATTERNS) {
  Deno.test(`domainPatterns() of ${name} is ${pattern}`, () => {
    assert.deepEqual(domainPatterns(name, "direct-domains"), [pattern]);
    assert.deepEqual(domainPatterns([name], "direct-domains"), [pattern]);
  });
}

Deno.test("domainPatterns() splits a text, and leaves out what is empty", () => {
  assert.deepEqual(domainPatterns(" a , ,b,", "x"), ["^a$", "^b$"]);
  assert.deepEqual(domainPatterns("", "x"), []);
});

Deno.test("domainPatterns() refuses what is more than a host", () => {
  for (const name of ["http://a", "a:80", "a/b", "a b"]) {
    assert.throws(() => domainPatterns(name, "tunnel-domains"), {
      code: "badValue",
      message: `Cannot translate "${name}" in "tunnel-domains": expected a ` +
        "host name without scheme, port and path",
    });
  }
});

const EXPRESSIONS: readonly (readonly [string, string])[] = [
  ["shop\\.test", "shop\\.test"],
  ["all", "(?:all)"],
  ["-a", "\\-a"],
  ["a-b", "a-b"],
  ["(?:a|b)", "(?:a|b)"],
  ["(?i:a)", "(?i:a)"],
  ["[[:alpha:]]+", "[[:alpha:]]+"],
];

for (const [expression, host] of EXPRESSIONS) {
  Deno.test(`hostExpressions() of ${expression} is ${host}`, () => {
    assert.deepEqual(hostExpressions([expression]), [host]);
  });
}

Deno.test("hostExpressions() splits a text, and refuses URLs", () => {
  assert.deepEqual(hostExpressions("a,b"), ["a", "b"]);
  for (const expression of ["a/b", "a:80", "a\\?b", "http://a"]) {
    assert.throws(() => hostExpressions([expression]), {
      code: "badValue",
      message: `Cannot translate "${expression}" in "fast-fail-regexps": it ` +
        "matches URLs but deny-domains matches hosts, write only the host",
    });
  }
});
