/** Header fields as a hook reads and changes them. */
import assert from "node:assert/strict";
import { EditScope } from "../../../src/plugin/running/edit_scope.ts";
import { EditableHeaders } from "../../../src/plugin/running/editable_headers.ts";

const FLAT = [
  "B",
  "1",
  "Set-Cookie",
  "x=1",
  "a",
  "2",
  "b",
  "3",
  "set-cookie",
  "y=2",
];

function setUp(flat: readonly string[] = FLAT) {
  const scope = new EditScope();
  return { headers: new EditableHeaders(flat, scope), scope };
}

const odd = <T>(value: unknown) => value as T;

Deno.test("fields are read in any case, joined or one by one", () => {
  const { headers } = setUp();
  assert.equal(headers.get("b"), "1, 3");
  assert.deepEqual(headers.getAll("B"), ["1", "3"]);
  assert.deepEqual(headers.getSetCookie(), ["x=1", "y=2"]);
  assert.equal(headers.get("odd"), null);
  assert.deepEqual(headers.getAll("odd"), []);
  assert.deepEqual([headers.has("A"), headers.has("odd")], [true, false]);
  assert.deepEqual(headers.edits, []);
});

Deno.test("fields are listed by name in lower case, cookies one by one", () => {
  const { headers } = setUp();
  const all = [["a", "2"], ["b", "1, 3"], ["set-cookie", "x=1"], [
    "set-cookie",
    "y=2",
  ]];
  assert.deepEqual([...headers], all);
  assert.deepEqual([...headers.entries()], all);
  assert.deepEqual([...headers.keys()], all.map(([name]) => name));
  assert.deepEqual([...headers.values()], all.map(([, value]) => value));
  assert.deepEqual(headers.lines().flat(), FLAT);
  const seen: unknown[] = [];
  const self = {};
  headers.forEach(function (this: unknown, value, name, given) {
    seen.push([name, value]);
    assert.equal(this, self);
    assert.equal(given, headers);
  }, self);
  assert.deepEqual(seen, all);
});

Deno.test("changes are seen at once, and kept in order", () => {
  const { headers } = setUp(["A", "1"]);
  headers.set("A", " 2\t");
  headers.append("B", odd<string>(7));
  headers.append("B", odd<string>(true));
  headers.delete("A");
  assert.deepEqual([...headers], [["b", "7, true"]]);
  assert.deepEqual(headers.edits, [
    ...["set", "A", "2"],
    ...["append", "B", "7"],
    ...["append", "B", "true"],
    ...["delete", "A", ""],
  ]);
});

Deno.test("a change that is not allowed changes nothing", () => {
  const { headers, scope } = setUp(["A", "1"]);
  assert.throws(() => headers.set("a b", "1"), /not a valid header name/);
  assert.throws(() => headers.set("Host:", "1"), TypeError);
  assert.throws(() => headers.set("Connection", "1"), /the proxy sets it/);
  assert.throws(() => headers.set("A", odd<string>({})), /"A" is an Object/);
  assert.throws(() => headers.append("A", odd<string>(null)), /use a string/);
  scope.close("it is too late");
  assert.throws(() => headers.set("A", "2"), /^TypeError: it is too late$/);
  assert.deepEqual(headers.edits, []);
  assert.equal(headers.get("A"), "1");
});

Deno.test("there are 1,000 changes, and no more", () => {
  const { headers } = setUp([]);
  for (let at = 0; at < 1_000; at++) headers.set("A", `${at}`);
  assert.throws(() => headers.set("A", "1"), {
    name: "RangeError",
    message: "the headers have more than 1000 changes",
  });
  assert.equal(headers.edits.length, 3_000);
});

/** What replaces all fields. */
const REPLACEMENTS: readonly (readonly [string, unknown])[] = [
  ["a record", { C: " 5", D: "6" }],
  ["pairs", [["C", "5"], ["D", 6]]],
  ["Headers", new Map([["C", "5"], ["D", "6"]])],
  [
    "those of another message",
    new EditableHeaders(["C", "5", "D", "6"], new EditScope()),
  ],
  ["what is of the connection too", [["Connection", 7], ["C", "5"], [
    "D",
    "6",
  ]]],
];

for (const [what, given] of REPLACEMENTS) {
  Deno.test(`all fields are replaced by ${what}`, () => {
    const { headers } = setUp(["A", "1"]);
    headers.replaceAll(odd(given));
    assert.deepEqual([...headers], [["c", "5"], ["d", "6"]]);
    assert.deepEqual(headers.edits, [
      ...["clear", "", ""],
      ...["append", "C", "5"],
      ...["append", "D", "6"],
    ]);
  });
}

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /^TypeError: "headers" is .*, use Headers, a record or pairs$/],
  ["a: b", /use Headers, a record or pairs$/],
  [[["a"]], /"headers" is a list, but not of \[name, value\]$/],
  [[["a", "b", "c"]], /not of \[name, value\]$/],
  [["ab"], /not of \[name, value\]$/],
  [{ a: null }, /"a" is .*, use a string$/],
];

for (const [given, message] of WRONG) {
  Deno.test(`fields are not replaced by ${JSON.stringify(given)}`, () => {
    const { headers } = setUp(["A", "1"]);
    assert.throws(() => headers.replaceAll(odd(given)), message);
    assert.deepEqual([...headers], [["a", "1"]]);
  });
}
