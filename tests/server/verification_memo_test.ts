import assert from "node:assert/strict";
import { VerificationMemo } from "../../src/server/verification_memo.ts";
import { ManualClock } from "./manual_clock.ts";

/** A slow verification that counts how often it runs. */
class Verification {
  runs = 0;
  readonly verify = (): Promise<boolean> => {
    this.runs += 1;
    return Promise.resolve(this.matches);
  };

  constructor(readonly matches: boolean) {}
}

Deno.test("VerificationMemo verifies once for many calls, at once and later", async () => {
  const memo = new VerificationMemo();
  const verification = new Verification(true);
  const check = () => memo.check("key", "hash", verification.verify);

  const results = await Promise.all([check(), check(), check()]);
  results.push(await check());

  assert.deepEqual(results, [true, true, true, true]);
  assert.equal(verification.runs, 1);
});

Deno.test("VerificationMemo does not remember failures", async () => {
  const memo = new VerificationMemo();
  const verification = new Verification(false);

  assert.equal(await memo.check("key", "hash", verification.verify), false);
  assert.equal(await memo.check("key", "hash", verification.verify), false);

  assert.equal(verification.runs, 2);
  assert.equal(memo.size, 0);
});

Deno.test("VerificationMemo tells secrets and stored hashes apart", async () => {
  const memo = new VerificationMemo();
  await memo.check("key", "hash", new Verification(true).verify);
  const other = new Verification(false);

  assert.equal(await memo.check("key2", "hash", other.verify), false);
  assert.equal(await memo.check("key", "hash2", other.verify), false);
  assert.equal(await memo.check("ke", "yhash", other.verify), false);

  assert.equal(other.runs, 3);
});

Deno.test("VerificationMemo forgets what was not used for a while", async () => {
  const clock = new ManualClock();
  const memo = new VerificationMemo({ timeToLive: 10, now: () => clock.now() });
  const verification = new Verification(true);
  const check = () => memo.check("key", "hash", verification.verify);

  await check();
  clock.advance(9);
  await check();
  clock.advance(9);
  await check();
  assert.equal(verification.runs, 1);
  clock.advance(10);
  await check();

  assert.equal(verification.runs, 2);
});

Deno.test("VerificationMemo stays small and forgets the least recently used", async () => {
  const memo = new VerificationMemo({ maxEntries: 2 });
  const first = new Verification(true);
  const check = (key: string, { verify } = new Verification(true)) =>
    memo.check(key, "hash", verify);

  await check("a", first);
  await check("b");
  await check("a", first);
  await check("c");
  assert.equal(memo.size, 2);
  await check("a", first);
  assert.equal(first.runs, 1);
});

Deno.test("VerificationMemo runs a verification that failed with an error again", async () => {
  const memo = new VerificationMemo();
  await assert.rejects(
    memo.check("key", "hash", () => Promise.reject(new Error("Cannot hash"))),
  );

  assert.equal(
    await memo.check("key", "hash", new Verification(true).verify),
    true,
  );
});
