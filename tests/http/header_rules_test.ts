import assert from "node:assert/strict";

import { Fields } from "../../src/http/fields.ts";
import {
  applyHeaderRules,
  formatHeaderRule,
  parseHeaderRule,
} from "../../src/http/header_rules.ts";

const FIELDS = ["Host", "a.test", "x-one", "1", "X-Two", "2", "x-two", "3"];

for (
  const [rule, expected] of [
    ["X-New: a, b", [...FIELDS, "X-New", "a, b"]],
    ["X-One: 9", [...FIELDS, "X-One", "9"]],
    ["X-Two;", [...FIELDS.slice(0, 5), ""]],
    ["-X-TWO", FIELDS.slice(0, 4)],
    ["-x-*", FIELDS.slice(0, 2)],
    ["-h*", FIELDS],
    ["%X-ONE", ["Host", "a.test", "X-ONE", ...FIELDS.slice(3)]],
    ["%X-Absent", FIELDS],
  ] as const
) {
  Deno.test(`applyHeaderRules() does what "${rule}" says`, () => {
    const before = new Fields([...FIELDS]);

    const after = applyHeaderRules(before, [parseHeaderRule(rule)]);

    assert.deepEqual(after.flat, expected);
    assert.deepEqual(before.flat, FIELDS);
  });
}

Deno.test("applyHeaderRules() replaces a line by removing it and adding another", () => {
  const rules = ["-X-One", "X-One: 9", "%x-ONE"].map(parseHeaderRule);

  const after = applyHeaderRules(new Fields(["X-One", "1"]), rules);

  assert.deepEqual(after.flat, ["x-ONE", "9"]);
});

for (const rule of ["A: b", "A;", "-a", "-a*", "%A"]) {
  Deno.test(`formatHeaderRule() writes "${rule}" as it was read`, () => {
    assert.equal(formatHeaderRule(parseHeaderRule(rule)), rule);
  });
}

for (
  const rule of [
    ...["", "A", ": b", "a b: c", "-", "-*", "%", ";", "A: b\r\nC: d"],
    ...["A: \u0100", "Host: b.test", "-Content-Length", "Connection: close"],
  ]
) {
  Deno.test(`parseHeaderRule() refuses ${JSON.stringify(rule)}`, () => {
    assert.throws(() => parseHeaderRule(rule), SyntaxError);
  });
}

Deno.test("parseHeaderRule() does not repeat a value that may be secret", () => {
  assert.throws(
    () => parseHeaderRule("A b: hidden"),
    (error: Error) => !error.message.includes("hidden"),
  );
});
