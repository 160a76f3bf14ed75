/** Which changes are made, and where none are. */
import assert from "node:assert/strict";
import { applied, changeOf, mutantsOf } from "./mutants.ts";

/** Source → what it becomes, one change at a time. */
const CHANGED: readonly (readonly [string, ...string[]])[] = [
  ["f(a < b);", "f(a <= b);", ";"],
  ["x = a >= b;", "x = a > b;", ";"],
  ["x = a === b;", "x = a !== b;", ";"],
  ["x = a + b;", "x = a - b;", ";"],
  ["x = (a) * (b);", "x = (a) / (b);", ";"],
  ["x = (a >= b) > c;", "x = (a > b) > c;", "x = (a >= b) >= c;", ";"],
  ["x += a;", "x -= a;", ";"],
  ["x = a && b;", "x = a || b;", ";"],
  ["x = !a;", "x = a;", ";"],
  ["x = true;", "x = false;", ";"],
  ["x = 0xa;", "x = 11;", ";"],
  ["x = 0x10;", "x = 32;", ";"],
  ["x = a ? b : c;", "x = !(a) ? b : c;", ";"],
  ["const a = b > 1;", "const a = b >= 1;", "const a = b > 2;"],
  ["class A { #b = false; }", "class A { #b = true; }"],
  ["if (a) throw b;", ";"],
  ["if (a) { b(); return; }", ";", "if (a) { ; return; }"],
  ["if (a) b(); else c();", "if (a) ; else c();", "if (a) b(); else ;"],
  ["x = (a as 1) > b;", "x = (a as 1) >= b;", ";"],
  ["await f();", ";"],
];

/** What runs no other way when it is changed, or what does not run. */
const KEPT: readonly string[] = [
  'import { a } from "./b.ts";',
  "type A = 1 | true;",
  "interface A { readonly b: 5; }",
  "// a < b",
  'const a = b + "c";',
  "const a = `b` + c;",
  "class A extends B { constructor() { super(); } }",
];

for (const [source, ...wanted] of CHANGED) {
  Deno.test(`mutantsOf() changes \`${source}\``, () => {
    const text = inFunction(source);
    const mutants = mutantsOf(text).map((mutant) => applied(text, mutant));
    assert.deepEqual(mutants.toSorted(), wanted.map(inFunction).toSorted());
  });
}

for (const source of KEPT) {
  Deno.test(`mutantsOf() leaves \`${source}\` as it is`, () => {
    assert.deepEqual(mutantsOf(source), []);
  });
}

Deno.test("a mutant says where it stands and what it changes", () => {
  const text = "function f() {\n  g(a < b);\n}";
  const shown = mutantsOf(text).map((mutant) =>
    `${mutant.line} ${mutant.operator}: ${changeOf(text, mutant)}`
  );
  assert.deepEqual(shown, [
    "2 removed statement: g(a < b); → ;",
    "2 comparison: < → <=",
  ]);
});

/** Only functions may hold a `return`; classes may stand in them too. */
function inFunction(source: string): string {
  return `async function f() { ${source} }`;
}
