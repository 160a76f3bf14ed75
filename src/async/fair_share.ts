/**
 * How much each of several may keep of something that is too much.
 *
 * @module
 */

/**
 * The most that each may keep so that all together keep `total` at most: whoever
 * has less keeps all of it. Infinity when nobody has to give anything up.
 *
 * @param counts How much each has.
 */
export function fairShare(counts: readonly number[], total: number): number {
  let rest = total;
  const sorted = counts.toSorted((left, right) => left - right);
  for (const [at, count] of sorted.entries()) {
    const share = Math.floor(rest / (sorted.length - at));
    if (count > share) return share;
    rest -= count;
  }
  return Infinity;
}
