/**
 * The most that each owner may keep so that all together keep at most `total`.
 * An owner with less keeps everything. Infinity when there is enough for all.
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
