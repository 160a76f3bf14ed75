import assert from "node:assert/strict";
import { readWishes } from "./wishes.ts";

function names(list: readonly { readonly name: string }[] = []): string[] {
  return list.map(({ name }) => name);
}

Deno.test("readWishes() measures everything by default", () => {
  const wishes = readWishes([]);

  assert.ok(names(wishes?.peers).includes("chisel"));
  assert.ok(names(wishes?.workloads).includes("rtt-100"));
  assert.deepEqual([wishes?.runs, wishes?.seconds], [5, 2]);
});

Deno.test("readWishes() takes names, and what begins with a name and a hyphen", () => {
  const wishes = readWishes(["--only=sallyport", "--work=plain,bulk-1"]);

  assert.deepEqual(names(wishes?.peers), ["sallyport"]);
  assert.deepEqual(names(wishes?.workloads), [
    "bulk-1",
    "plain-1",
    "plain-32",
    "plain-256",
  ]);
});

Deno.test("--quick chooses what other options have left open", () => {
  const quick = readWishes(["--quick"]);
  const changed = readWishes(["--quick", "--work=mixed", "--runs=2"]);

  assert.deepEqual([quick?.runs, quick?.seconds], [3, 1]);
  assert.ok(names(quick?.workloads).includes("plain-32"));
  assert.deepEqual(names(changed?.workloads), ["mixed"]);
  assert.deepEqual([changed?.runs, changed?.seconds], [2, 1]);
});

Deno.test("readWishes() names the option that is wrong", () => {
  const wrong = [
    ["--work=bulk-2", /^--work has no "bulk-2"\n/],
    ["--only=sallyport,nobody", /^--only has no "nobody"\n/],
    ["--runs=0", /^--runs takes a number above 0, not "0"$/],
    ["--runs=1.5", /^--runs takes a whole number, not "1.5"$/],
    ["--seconds=soon", /^--seconds takes a number above 0, not "soon"$/],
    ["--patience=-1", /^--patience takes a number above 0, not "-1"$/],
    ["--faster", /--faster/],
  ] as const;

  for (const [argument, message] of wrong) {
    assert.throws(() => readWishes([argument]), {
      name: "RangeError",
      message,
    });
  }
});

Deno.test("readWishes() is undefined for --help", () => {
  assert.equal(readWishes(["--help"]), undefined);
});
