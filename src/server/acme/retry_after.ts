/** Longer waits are cut to a week: the CA may say again that it is too early. */
const MAX_RETRY_AFTER: number = 7 * 24 * 60 * 60 * 1000;

/**
 * What a Retry-After field says (RFC 9110 §10.2.3), in milliseconds from `now`.
 *
 * @param now Milliseconds since 1970.
 * @returns `undefined` when there is none, or it cannot be read.
 */
export function retryAfterIn(
  field: string | null,
  now: number,
): number | undefined {
  if (field === null) return undefined;
  const wait = /^\d+$/.test(field.trim())
    ? Number(field) * 1000
    : Date.parse(field) - now;
  if (Number.isNaN(wait)) return undefined;
  return Math.min(Math.max(wait, 0), MAX_RETRY_AFTER);
}
