import { ConfigError } from "../errors.ts";
import type { OptionValues } from "../sources/option_values.ts";

/** The names of two options that cannot be combined. */
export type MutuallyExclusive = readonly [string, string];

/**
 * Checks that at most one option of each pair is set, in any source. An empty
 * list counts as unset.
 *
 * @throws {ConfigError} `badValue`, with the sources of both.
 */
export function checkExclusive(
  values: OptionValues,
  pairs: readonly MutuallyExclusive[],
): void {
  for (const pair of pairs) {
    const [first, second] = pair.map((name) => values.get(name))
      .filter((each) => each !== undefined && each.raw.length > 0);
    if (first === undefined || second === undefined) continue;
    throw new ConfigError(
      "badValue",
      `Cannot use ${first.source} together with ${second.source}: ` +
        "they are mutually exclusive, set one of them",
    );
  }
}
