/** Random but repeatable: the seed is printed, and `SEED=` replays it. */

/** Whole numbers from 0 to `below - 1`. */
export type Random = (below: number) => number;

/** A generator with another seed in every run, or with that of the variable `SEED`. */
export function seededRandom(): Random {
  const given = Number(Deno.env.get("SEED"));
  const seed = given > 0 ? given : 1 + (Date.now() % 0x7fffffff);
  // deno-lint-ignore no-console -- a failed test needs the seed
  console.log(`SEED=${seed}`);
  return randomFrom(seed);
}

/** The generator of `seed` (xorshift32, Marsaglia 2003). */
export function randomFrom(seed: number): Random {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
