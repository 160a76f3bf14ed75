/** `"8286 84"` to octets; spaces are for the reader. */
export function octets(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

/** Octets to `"828684"`. */
export function hexOf(bytes: Uint8Array): string {
  return bytes.toHex();
}
