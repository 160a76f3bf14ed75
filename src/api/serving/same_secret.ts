import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two texts are equal. The time it takes does not depend on where they differ. */
export function isSameSecret(left: string, right: string): boolean {
  return timingSafeEqual(digestOf(left), digestOf(right));
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
