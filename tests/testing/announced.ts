/**
 * What our proxy adds to requests, for tests that look at all other fields.
 *
 * @module
 */
type Line = readonly [name: string, value: string];

const ANNOUNCED: readonly string[] = [
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "X-Forwarded-Url",
  "Via",
];

/** The lines that the browser sent, or the proxy should not have added. */
export function withoutAnnounced(lines: readonly Line[]): Line[] {
  return lines.filter(([name]) => !ANNOUNCED.includes(name));
}
