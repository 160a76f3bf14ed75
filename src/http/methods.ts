/**
 * What request methods mean (RFC 9110 §9).
 *
 * @module
 */

const IDEMPOTENT: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);

/** Whether a request with this method may come twice and mean what it means once (§9.2.2); of unknown methods nobody knows. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}
