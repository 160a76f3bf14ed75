/**
 * Masks `bytes` in place, or takes the mask off (RFC 6455 §5.3).
 *
 * @param mask Four bytes.
 * @param offset Where `bytes` begin in their payload.
 */
export function applyMask(
  bytes: Uint8Array,
  mask: Uint8Array,
  offset = 0,
): void {
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (bytes[at] ?? 0) ^ (mask[(at + offset) & 3] ?? 0);
  }
}

/** A mask that nobody can foresee (RFC 6455 §10.3). */
export function randomMask(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(4));
}
