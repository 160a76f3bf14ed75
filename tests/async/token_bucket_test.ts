import assert from "node:assert/strict";
import { TokenBucket } from "../../src/async/token_bucket.ts";

Deno.test("TokenBucket gives its burst at once, then its rate, and never more than a burst", () => {
  let now = 0;
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, () => now);
  const taken = () =>
    Array.from({ length: 10 }, () => bucket.tryTake())
      .filter((wasTaken) => wasTaken).length;

  assert.equal(taken(), 3);
  now = 1_000;
  assert.equal(taken(), 2);
  now = 60_000;
  assert.equal(bucket.tryTake(), true);
  now = 120_000;
  assert.equal(taken(), 3);
});

Deno.test("TokenBucket says when the next token comes", () => {
  let now = 0;
  const bucket = new TokenBucket({ burst: 1, perSecond: 4 }, () => now);

  assert.equal(bucket.tryTake(), true);
  assert.equal(bucket.tryTake(), false);
  assert.equal(bucket.secondsToNext, 0.25);
  now = 250;
  assert.equal(bucket.tryTake(), true);
});

Deno.test("TokenBucket lets its burst pass, then gives waits by its rate", () => {
  let now = 0;
  const rate = { burst: 10_000, perSecond: 100_000 };
  const bucket = new TokenBucket(rate, () => now);

  assert.equal(bucket.burst, 10_000);
  assert.equal(bucket.spend(10_000), 0);
  assert.equal(bucket.spend(1_000), 10);
  now = 10;
  assert.equal(bucket.spend(500), 5);
  now = 60_000;
  assert.equal(bucket.spend(10_001), 0.01);
});

Deno.test("TokenBucket makes those who share it wait for one another", () => {
  const rate = { burst: 10_000, perSecond: 100_000 };
  const bucket = new TokenBucket(rate, () => 0);

  const waits = [1, 2, 3].map(() => bucket.spend(10_000));

  assert.deepEqual(waits, [0, 100, 200]);
});
