// Durations as people write them, such as `1m30s`, and sizes, such as `512Ki`.

/** Units from large to small, in milliseconds. */
const DURATION_UNITS = [["h", 3_600_000], ["m", 60_000], ["s", 1000], [
  "ms",
  1,
]] as const;

/** Every unit occurs at most once, in this order. */
const DURATION =
  /^(?=\d)(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/**
 * Milliseconds of a duration, or `undefined` if `text` is not valid. A bare
 * number is refused because its unit would be a guess. `0` needs no unit.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const amounts = DURATION.exec(text)?.slice(1);
  if (amounts === undefined) return undefined;
  const total = DURATION_UNITS.reduce(
    (sum, [, ms], index) => sum + Number(amounts[index] ?? 0) * ms,
    0,
  );
  return Number.isSafeInteger(Math.round(total))
    ? Math.round(total)
    : undefined;
}

/** A duration as the shortest text that parses to the same milliseconds. */
export function durationText(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, size] of DURATION_UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

/** Units from large to small, in bytes. */
const SIZE_UNITS = [["Gi", 2 ** 30], ["Mi", 2 ** 20], ["Ki", 2 ** 10]] as const;

/** Bytes of a size, rounded, or `undefined` if `text` is not valid. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(Gi|Mi|Ki)?$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const factor = SIZE_UNITS.find(([name]) => name === unit)?.[1] ?? 1;
  const bytes = Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size in the largest unit that divides it. */
export function sizeText(bytes: number): string {
  const unit = SIZE_UNITS.find(([, factor]) =>
    bytes > 0 && bytes % factor === 0
  );
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
