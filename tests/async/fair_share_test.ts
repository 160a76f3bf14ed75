import assert from "node:assert/strict";
import fc from "fast-check";
import { fairShare } from "../../src/async/fair_share.ts";

Deno.test("fairShare() takes from those who have most", () => {
  assert.equal(fairShare([1, 2, 10, 20], 13), 5);
  assert.equal(fairShare([5], 4), 4);
  assert.equal(fairShare([5, 5], 10), Infinity);
  assert.equal(fairShare([], 0), Infinity);
});

Deno.test("fairShare() keeps the bound, wastes less than one for each, and leaves small ones alone", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(100), { maxLength: 20 }),
    fc.nat(500),
    (counts, total) => {
      const share = fairShare(counts, total);
      const kept = counts.map((count) => Math.min(count, share));
      const sum = kept.reduce((one, other) => one + other, 0);
      const all = counts.reduce((one, other) => one + other, 0);

      assert.ok(sum <= total || share === Infinity && all <= total);
      if (all <= total) assert.equal(sum, all);
      else assert.ok(sum > total - counts.length);
    },
  ));
});
