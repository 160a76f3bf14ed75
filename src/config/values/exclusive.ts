/**
 * Options that cannot be set together.
 *
 * @module
 */
import { ConfigError } from "../errors.ts";
import type { GivenValues } from "../sources/given.ts";

/** Two option names. */
export type Rivals = readonly [string, string];

/**
 * Checks that of every pair at most one is set, wherever that is; an empty list
 * sets nothing.
 *
 * @throws {ConfigError} `badValue`, with the places where they are set.
 */
export function checkExclusive(
  given: GivenValues,
  pairs: readonly Rivals[],
): void {
  for (const pair of pairs) {
    const [first, second] = pair.map((name) => given.get(name))
      .filter((each) => each !== undefined && each.raw.length > 0);
    if (first === undefined || second === undefined) continue;
    throw new ConfigError(
      "badValue",
      `Cannot use ${first.source} together with ${second.source}: ` +
        "they exclude each other, set one of them",
    );
  }
}
