/** Slow hashes: few at a time, in turns, and not twice for the same credentials. */
import assert from "node:assert/strict";
import { SemaphoreFullError } from "../../../../src/async/fair_semaphore.ts";
import { SlowHashes } from "../../../../src/server/accounts/hashes/slow_hashes.ts";
import { within } from "../../../testing/deadline.ts";

/** Cheap: what is tested is who computes when. */
const COST = { cost: 2, blockSize: 1, parallelization: 1 };
const KNOWN = { network: "192.0.2.1", isPreferred: true };
const UNKNOWN = { network: "198.51.100.1", isPreferred: false };

Deno.test("a key matches its own hash, and no other", async () => {
  const hashes = new SlowHashes(COST);
  const stored = await hashes.make("secret", KNOWN);
  assert.match(stored, /^scrypt\$2\$1\$1\$/);
  assert.equal(hashes.count, 1);
  const claim = { user: "ann", secret: "secret", stored };
  assert.equal(await hashes.matches(claim, KNOWN), true);
  assert.equal(
    await hashes.matches({ ...claim, secret: "wrong" }, KNOWN),
    false,
  );
  assert.equal(hashes.count, 3);
});

Deno.test("a network that is known computes the same claim once", async () => {
  const hashes = new SlowHashes(COST);
  const stored = await hashes.make("secret", KNOWN);
  const claim = { user: "ann", secret: "secret", stored };
  assert.equal(hashes.isCached(claim), false);
  await hashes.matches(claim, KNOWN);
  assert.equal(hashes.isCached(claim), true);
  const { count } = hashes;
  assert.equal(await hashes.matches(claim, KNOWN), true);
  assert.equal(hashes.count, count);
  assert.equal(hashes.isCached({ ...claim, user: "eve" }), false);
});

Deno.test("an unknown network computes although the claim is known", async () => {
  const hashes = new SlowHashes(COST);
  const stored = await hashes.make("secret", KNOWN);
  const claim = { user: "ann", secret: "secret", stored };
  await hashes.matches(claim, KNOWN);
  const { count } = hashes;
  assert.equal(await hashes.matches(claim, UNKNOWN), true);
  assert.equal(hashes.count, count + 1);
});

/** It takes long enough to see who computes. */
const SLOW = { cost: 2 ** 14, blockSize: 8, parallelization: 1 };

Deno.test("two compute at once, one of them of an unknown network", async () => {
  const known = new SlowHashes(SLOW);
  const unknown = new SlowHashes(SLOW);
  const all = [
    ...["a", "b", "c"].map((key) => known.make(key, KNOWN)),
    ...["a", "b", "c"].map((key) => unknown.make(key, UNKNOWN)),
  ];
  for (let turn = 0; turn < 20; turn++) await null;
  assert.equal(known.count, 2);
  assert.equal(unknown.count, 1);
  await within(Promise.all(all), "all hashes");
  assert.deepEqual([known.count, unknown.count], [3, 3]);
});

Deno.test("256 wait, and the next one fails", async () => {
  const hashes = new SlowHashes(COST);
  const all = Array.from(
    { length: 257 },
    (_, at) => hashes.make("a", { ...UNKNOWN, network: `${at}` }),
  );
  await assert.rejects(hashes.make("a", UNKNOWN), SemaphoreFullError);
  await within(Promise.all(all), "all hashes");
  assert.equal(hashes.count, 257);
});

Deno.test("a peer that leaves the line computes nothing, and the others go on", async () => {
  const hashes = new SlowHashes(SLOW);
  const stored = await new SlowHashes(COST).make("secret", KNOWN);
  const first = hashes.make("a", UNKNOWN);
  const gone = new AbortController();
  const claim = { user: "ann", secret: "secret", stored };
  const left = hashes.matches(claim, { ...UNKNOWN, signal: gone.signal });
  const last = hashes.make("b", UNKNOWN);
  const reason = new Error("gone");
  gone.abort(reason);
  await assert.rejects(left, reason);
  await within(Promise.all([first, last]), "the others");
  assert.equal(hashes.count, 2);
});
