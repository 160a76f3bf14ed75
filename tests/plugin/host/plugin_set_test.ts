import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BegunExchanges,
  PluginSet,
} from "../../../src/plugin/host/plugin_set.ts";

/** A set without plugins that counts its uses. */
class CountedSet extends PluginSet {
  uses = 0;

  constructor() {
    super([]);
  }

  override use(): void {
    this.uses += 1;
  }

  override release(): void {
    this.uses -= 1;
  }
}

Deno.test("each exchange finds the set that it began with, in whatever order they end", () => {
  const sets = [new CountedSet(), new CountedSet()];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(1), fc.nat()), { maxLength: 30 }),
      (steps) => {
        const begun = new BegunExchanges();
        const open: { id: string; set: CountedSet; use: Disposable }[] = [];
        for (const [at, [kind, number]] of steps.entries()) {
          const set = sets[number % sets.length];
          if (kind === 0 && set !== undefined) {
            const id = `exchange-${at}`;
            open.push({ id, set, use: begun.begin(id, set) });
          } else {
            const [ended] = open.splice(number % (open.length || 1), 1);
            ended?.use[Symbol.dispose]();
            assert.equal(begun.get(ended?.id ?? "none"), undefined);
          }
          for (const { id, set } of open) assert.equal(begun.get(id), set);
          for (const set of sets) {
            const uses = open.filter((each) => each.set === set).length;
            assert.equal(set.uses, uses);
          }
        }
        for (const { use } of open) use[Symbol.dispose]();
      },
    ),
  );
});

Deno.test("a set that is held is released once, however often the holder lets go", () => {
  const set = new CountedSet();
  const first = set.hold();
  const second = set.hold();

  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(set.uses, 1);
  second[Symbol.dispose]();

  assert.equal(set.uses, 0);
});
