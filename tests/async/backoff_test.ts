/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Backoff } from "../../src/async/backoff.ts";

Deno.test("Backoff doubles its delays up to the limit", () => {
  const backoff = new Backoff({ first: 100, max: 1_000, jitter: 0 });

  const delays = Array.from({ length: 6 }, () => backoff.next());

  assert.deepEqual(delays, [100, 200, 400, 800, 1_000, 1_000]);
  assert.equal(backoff.attempts, 6);
});

Deno.test("Backoff starts over after a success", () => {
  const backoff = new Backoff({ first: 100, jitter: 0 });
  backoff.next();
  backoff.next();

  backoff.reset();

  assert.equal(backoff.attempts, 0);
  assert.equal(backoff.next(), 100);
});

Deno.test("Backoff shortens a delay by no more than its jitter, and never lengthens one", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(chance, fc.integer({ min: 1, max: 5_000 }), (at, n) => {
    const backoff = new Backoff({ first: n, max: n, random: () => at });

    const delay = backoff.next();

    assert.ok(delay <= n && delay >= Math.floor(n * 0.8), `${delay} of ${n}`);
  }));
});

Deno.test("Backoff still gives its limit after thousands of attempts", () => {
  const backoff = new Backoff({ first: 1, max: 10_000, jitter: 0 });
  for (let attempt = 0; attempt < 2_000; attempt++) backoff.next();

  assert.equal(backoff.next(), 10_000);
});
