/**
 * What a fuzzer is: something that can go wrong, with a row of numbers that
 * says how.
 *
 * @module
 */
import { type Random, randomFrom } from "../http2/hpack/random.ts";

/** One thing to be fuzzed. */
export interface FuzzTarget {
  /** What it promises. */
  readonly name: string;
  /** Rounds before another target's turn, for one whose rounds take seconds. */
  readonly turn?: number;
  /**
   * Goes once through what `random` makes of it.
   *
   * @returns How it went, in a word: a fuzzer of which all rounds go the same way is blunt.
   * @throws When the promise was broken.
   */
  round(random: Random): Promise<string> | string;
}

/**
 * Plays one round: the same for the same seed.
 *
 * @throws With the seed to play it again.
 */
export async function playRound(
  { name, round }: FuzzTarget,
  seed: number,
): Promise<string> {
  // Seeds that follow each other would begin with numbers that are alike.
  const random = randomFrom(Math.imul(seed, 0x9e37_79b1));
  for (let skipped = 0; skipped < 8; skipped++) random(2);
  try {
    return await round(random);
  } catch (cause) {
    throw new Error(`Broken, SEED=${seed} shows it again: ${name}`, { cause });
  }
}

/** The seed to begin with: what the variable `SEED` says, else another each time. */
export function firstSeed(): number {
  const given = Number(Deno.env.get("SEED"));
  return given > 0 ? given : 1 + Date.now() % 0x7fff_ffff;
}

/** One of several. */
export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[random(from.length)];
  if (picked === undefined) throw new RangeError("Nothing to pick from");
  return picked;
}

/** Any bytes, fewer than `below`. */
export function randomBytes(random: Random, below: number): Uint8Array {
  return Uint8Array.from({ length: random(below) }, () => random(256));
}

/** Changes, removes, repeats and inserts a few bytes of `bytes`, seldom none. */
export function damage(random: Random, bytes: Uint8Array): Uint8Array {
  let rest = [...bytes];
  for (let times = random(5); times > 0; times--) {
    const at = random(rest.length + 1);
    const end = at + random(6);
    const head = rest.slice(0, at);
    rest = pick(random, [
      () => [...head, random(256), ...rest.slice(at + 1)],
      () => [
        ...head,
        (rest[at] ?? 0) ^ (1 << random(8)),
        ...rest.slice(at + 1),
      ],
      () => [...head, ...randomBytes(random, 6), ...rest.slice(at)],
      () => [...head, ...rest.slice(end)],
      () => [...rest.slice(0, end), ...rest.slice(at)],
      () => head,
    ])();
  }
  return Uint8Array.from(rest);
}
