/**
 * Durations as people write them: `30s`, `1m30s`, `250ms`, `3h`.
 *
 * @module
 */

/** Units from large to small, in milliseconds. */
const UNITS = [["h", 3_600_000], ["m", 60_000], ["s", 1000], [
  "ms",
  1,
]] as const;

/** Every unit at most once, in this order; fractions only of the smallest given. */
const DURATION =
  /^(?=\d)(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/**
 * Milliseconds of a duration, or `undefined` if `text` is none. A bare number
 * is refused because its unit would be a guess; `0` needs none.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const amounts = DURATION.exec(text)?.slice(1);
  if (amounts === undefined) return undefined;
  const total = UNITS.reduce(
    (sum, [, ms], index) => sum + Number(amounts[index] ?? 0) * ms,
    0,
  );
  return Number.isSafeInteger(Math.round(total))
    ? Math.round(total)
    : undefined;
}

/** A duration as the shortest text that reads back as the same milliseconds. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}
