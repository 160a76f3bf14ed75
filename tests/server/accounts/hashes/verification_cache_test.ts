import assert from "node:assert/strict";
import {
  VerificationCache,
  type VerificationCacheOptions,
} from "../../../../src/server/accounts/hashes/verification_cache.ts";
import { ManualClock } from "../../manual_clock.ts";

/** A slow verification that counts how often it runs. */
class Verification {
  runs = 0;
  readonly verify = (): Promise<boolean> => {
    this.runs += 1;
    return Promise.resolve(this.matches);
  };

  constructor(readonly matches: boolean) {}
}

const CLAIM = { user: "ann", secret: "key", stored: "hash" } as const;

/** A cache, and one way to ask it. */
function cacheOf(options?: VerificationCacheOptions): {
  readonly cache: VerificationCache;
  readonly check: (
    verification: { readonly verify: () => Promise<boolean> },
    claim?: Partial<typeof CLAIM> | Readonly<Record<string, string>>,
    kind?: string,
  ) => Promise<boolean>;
} {
  const cache = new VerificationCache(options);
  return {
    cache,
    check: ({ verify }, claim, kind = "any") =>
      cache.check({ ...CLAIM, ...claim }, { kind, verify }),
  };
}

Deno.test("VerificationCache verifies once for many calls, at once and later", async () => {
  const { cache, check } = cacheOf();
  const verification = new Verification(true);

  const results = await Promise.all([1, 2, 3].map(() => check(verification)));
  results.push(await check(verification));

  assert.deepEqual(results, [true, true, true, true]);
  assert.equal(verification.runs, 1);
  assert.ok(cache.has(CLAIM));
});

Deno.test("VerificationCache verifies again where nothing may be recalled", async () => {
  const { cache, check } = cacheOf();
  const verification = new Verification(true);
  await check(verification);

  await cache.check(CLAIM, { kind: "any", useCache: false, ...verification });

  assert.equal(verification.runs, 2);
});

Deno.test("VerificationCache does not remember failures", async () => {
  const { cache, check } = cacheOf();
  const verification = new Verification(false);

  assert.equal(await check(verification), false);
  assert.equal(await check(verification), false);

  assert.equal(verification.runs, 2);
  assert.equal(cache.size, 0);
});

Deno.test("VerificationCache tells users, secrets and stored hashes apart", async () => {
  const { check } = cacheOf();
  await check(new Verification(true));
  const other = new Verification(false);

  assert.equal(await check(other, { user: "bob" }), false);
  assert.equal(await check(other, { secret: "key2" }), false);
  assert.equal(await check(other, { stored: "hash2" }), false);
  assert.equal(await check(other, { secret: "ke", stored: "yhash" }), false);

  assert.equal(other.runs, 4);
});

Deno.test("VerificationCache shares no verification between users, or between kinds", async () => {
  const { check } = cacheOf();
  const verification = new Verification(false);

  await Promise.all([
    check(verification),
    check(verification, { user: "bob" }),
    check(verification, {}, "other"),
  ]);

  assert.equal(verification.runs, 3);
});

Deno.test("VerificationCache forgets what was not used for a while", async () => {
  const clock = new ManualClock();
  const { check } = cacheOf({ timeToLive: 10, now: () => clock.now() });
  const verification = new Verification(true);

  await check(verification);
  clock.advance(9);
  await check(verification);
  clock.advance(9);
  await check(verification);
  assert.equal(verification.runs, 1);
  clock.advance(10);
  await check(verification);

  assert.equal(verification.runs, 2);
});

Deno.test("VerificationCache stays small and forgets the least recently used", async () => {
  const { cache, check } = cacheOf({ maxEntries: 2 });
  const first = new Verification(true);

  await check(first, { secret: "a" });
  await check(new Verification(true), { secret: "b" });
  await check(first, { secret: "a" });
  await check(new Verification(true), { secret: "c" });
  assert.equal(cache.size, 2);
  await check(first, { secret: "a" });
  assert.equal(first.runs, 1);
});

Deno.test("VerificationCache runs a verification that failed with an error again", async () => {
  const { check } = cacheOf();
  await assert.rejects(
    check({ verify: () => Promise.reject(new Error("Cannot hash")) }),
  );

  assert.equal(await check(new Verification(true)), true);
});

Deno.test("VerificationCache drops a verification when the last one who waits for it has left", async () => {
  const { cache } = cacheOf();
  const leaving = [new AbortController(), new AbortController()];
  let dropped: AbortSignal | undefined;
  const checks = leaving.map(({ signal }) =>
    cache.check(CLAIM, {
      kind: "any",
      signal,
      verify(signal) {
        dropped = signal;
        return new Promise(() => {});
      },
    })
  );

  leaving[0]?.abort();
  await assert.rejects(checks[0] ?? assert.fail());
  assert.equal(dropped?.aborted, false);
  leaving[1]?.abort();
  await assert.rejects(checks[1] ?? assert.fail());

  assert.equal(dropped?.aborted, true);
  const later = new Verification(true);
  assert.equal(await cache.check(CLAIM, { kind: "any", ...later }), true);
});
