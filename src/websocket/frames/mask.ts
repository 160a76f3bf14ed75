/** Fewer bytes are masked one by one. */
const SHORT = 16;

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
  const { buffer, byteOffset, length } = bytes;
  if (length < SHORT) return maskBytes(bytes, mask, offset);
  // Four bytes at a time, from where a word of the memory begins.
  const lead = -byteOffset & 3;
  maskBytes(bytes.subarray(0, lead), mask, offset);
  const words = new Uint32Array(buffer, byteOffset + lead, length - lead >> 2);
  const key = wordOf(mask, offset + lead);
  for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) ^ key;
  const done = lead + 4 * words.length;
  maskBytes(bytes.subarray(done), mask, offset + done);
}

/** The mask as it begins at `offset`, in the byte order of this machine. */
function wordOf(mask: Uint8Array, offset: number): number {
  const turned = Uint8Array.from(
    [0, 1, 2, 3],
    (at) => mask[(at + offset) & 3] ?? 0,
  );
  return new Uint32Array(turned.buffer)[0] ?? 0;
}

function maskBytes(bytes: Uint8Array, mask: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (bytes[at] ?? 0) ^ (mask[(at + offset) & 3] ?? 0);
  }
}

/** A mask that nobody can foresee (RFC 6455 §10.3). */
export function randomMask(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(4));
}
