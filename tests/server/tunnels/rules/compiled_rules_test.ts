/** When the rules of tunnels are compiled, and what stands in for wrong ones. */
import assert from "node:assert/strict";
import {
  compiledRules,
  compileRules,
  compileStored,
  RulesBusyError,
  whenRulesCompiled,
} from "../../../../src/server/tunnels/rules/compiled_rules.ts";
import { within } from "../../../testing/deadline.ts";

function rules(...denied: string[]) {
  return { deny_domains: denied };
}

function denies(of: ReturnType<typeof rules>, host: string): boolean {
  return compiledRules(of).deny_domains?.matches(host) ?? false;
}

Deno.test("rules are compiled once, or when they are needed first", async () => {
  const early = rules("^ads\\.");
  await compileRules(early, "ann");
  const compiled = compiledRules(early);
  assert.equal(compiledRules(early), compiled);
  assert.equal(denies(early, "ads.test"), true);
  assert.equal(denies(early, "shop.test"), false);

  const late = rules("^ads\\.");
  assert.equal(denies(late, "ads.test"), true);
});

Deno.test("wrong rules of a new tunnel are refused", async () => {
  await assert.rejects(compileRules(rules("("), "ann"), {
    name: "NamedListError",
  });
  assert.throws(() => compiledRules(rules("(")), { name: "NamedListError" });
});

Deno.test("a restored tunnel with wrong rules refuses everything", async () => {
  const wrong = rules("(");
  assert.equal(await compileStored({ rules: wrong, owner: "ann" }), false);
  assert.equal(denies(wrong, "shop.test"), true);
  const right = rules("^ads\\.");
  assert.equal(await compileStored({ rules: right, owner: "ann" }), true);
  assert.equal(denies(right, "shop.test"), false);
});

Deno.test("nothing is waited for when all rules are compiled", async () => {
  const tunnel = { rules: rules("^a"), owner: "ann" } as never;
  const other = { rules: rules("("), owner: "ann" } as never;
  const waiting = whenRulesCompiled([tunnel, other]);
  assert.notEqual(waiting, undefined);
  await within(waiting ?? Promise.resolve(), "the rules");
  assert.equal(whenRulesCompiled([tunnel, other]), undefined);
  assert.equal(whenRulesCompiled([]), undefined);
});

Deno.test("32 tunnels of one owner wait, others of another owner too", async () => {
  const all = Array.from(
    { length: 32 },
    (_, at) => compileRules(rules(`^busy${at}`), "eve"),
  );
  await assert.rejects(compileRules(rules("^one"), "eve"), (error) => {
    assert.ok(error instanceof RulesBusyError);
    assert.equal(
      error.message,
      'Too many tunnels of "eve" start at once, try again in a moment',
    );
    return true;
  });
  await within(compileRules(rules("^bob"), "bob"), "the other owner");
  await within(Promise.all(all), "all rules");
  await compileRules(rules("^two"), "eve");
});
