import assert from "node:assert/strict";
import fc from "fast-check";
import { ItemsByOwner } from "../../src/async/items_by_owner.ts";

Deno.test("ItemsByOwner agrees with a list that is counted again each time", () => {
  const step = fc.record({
    kind: fc.constantFrom("add", "delete"),
    owner: fc.constantFrom("a", "b", "c", "d"),
    item: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const share = new ItemsByOwner<number>();
    let list: { readonly owner: string; readonly item: number }[] = [];
    for (const { kind, owner, item } of steps) {
      const isThere = list.some((each) =>
        each.owner === owner && each.item === item
      );
      if (kind === "add") {
        share.add(owner, item);
        if (!isThere) list.push({ owner, item });
      } else {
        assert.equal(share.delete(owner, item), isThere);
        list = list.filter((each) =>
          each.owner !== owner || each.item !== item
        );
      }
      const of = (name: string) => list.filter((each) => each.owner === name);
      const most = Math.max(...["a", "b", "c", "d"].map((o) => of(o).length));
      assert.equal(share.size, list.length);
      assert.equal(share.of(owner), of(owner).length);
      assert.equal(share.oldestOf(owner), of(owner)[0]?.item);
      const largest = share.largestOwner;
      if (largest === undefined) assert.equal(list.length, 0);
      else assert.equal(of(largest).length, most);
    }
  }));
});
