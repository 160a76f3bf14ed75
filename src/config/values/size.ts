/**
 * Sizes as people write them: `512Ki`, `1.5Mi`, `2Gi`, or plain bytes.
 *
 * @module
 */

/** Units from large to small, in bytes. */
const UNITS = [["Gi", 2 ** 30], ["Mi", 2 ** 20], ["Ki", 2 ** 10]] as const;

/** Bytes of a size, rounded, or `undefined` if `text` is none. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(Gi|Mi|Ki)?$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const factor = UNITS.find(([name]) => name === unit)?.[1] ?? 1;
  const bytes = Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size in the largest unit that divides it. */
export function formatSize(bytes: number): string {
  const unit = UNITS.find(([, factor]) => bytes > 0 && bytes % factor === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
