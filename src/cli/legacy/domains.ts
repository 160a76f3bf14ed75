/**
 * Domains as Sauce Connect 4 wrote them, as the regular expressions of today.
 *
 * @module
 */

/**
 * Regular expressions for a list of names: `example.com` is that host,
 * `.example.com` and `*.example.com` all below it, and other `*` any text.
 */
export function domainPatterns(
  value: string | readonly string[],
): readonly string[] {
  const names = typeof value === "string" ? value.split(",") : value;
  return names.map((name) => name.trim()).filter((name) => name !== "")
    .map(patternOf);
}

function patternOf(name: string): string {
  if (name === "*") return "all";
  const [, below, rest = ""] = /^(\*?\.)?(.*)$/.exec(name) ?? [];
  const host = rest.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return below === undefined ? `^${host}$` : `\\.${host}$`;
}
