const IDEMPOTENT: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);

/** Whether a request with this method is idempotent (§9.2.2). Unknown methods are not. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}
