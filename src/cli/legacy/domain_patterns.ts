// Domain lists of Sauce Connect 4 as regular expressions.
import { ConfigError } from "../../config/errors.ts";
import { isIpAddress } from "../../net/address/address.ts";

/** The word for every host, in Sauce Connect 4 and in Sallyport. */
const ALL = "all";
const NAME = /^[\w.*-]+$/;

/**
 * Regular expressions for a list of names: `example.com` is that host,
 * `.example.com` and `*.example.com` all below it, other `*` any text, and `all`
 * every host.
 *
 * @param option The old option, for the error.
 * @throws {ConfigError} `badValue`, for a value that is not a name. With a port or a scheme it would match nothing.
 */
export function domainPatterns(
  value: string | readonly string[],
  option: string,
): readonly string[] {
  const names = typeof value === "string" ? value.split(",") : value;
  return names.map((name) => name.trim()).filter((name) => name !== "")
    .map((name) => patternOf(name, option));
}

function patternOf(name: string, option: string): string {
  if (name === "*" || name === ALL) return ALL;
  if (!NAME.test(name) && !isIpAddress(name)) {
    throw new ConfigError(
      "badValue",
      `Cannot translate "${name}" in "${option}": expected a host ` +
        "name without scheme, port and path",
    );
  }
  // Hosts are compared in lower case, and without the dot at their end.
  const [, below, rest = ""] = /^(\*?\.)?(.*?)\.?$/.exec(name.toLowerCase()) ??
    [];
  const host = rest.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return below === undefined ? `^${host}$` : `\\.${host}$`;
}

/**
 * Regular expressions of URLs as those of hosts. Words that now have a special
 * meaning, such as `all`, keep their old meaning.
 *
 * @throws {ConfigError} `badValue`, for an expression that matches more than the host.
 */
export function hostExpressions(
  value: string | readonly string[],
): readonly string[] {
  const list = typeof value === "string" ? value.split(",") : value;
  return list.map(hostExpression);
}

function hostExpression(expression: string): string {
  const bare = expression.replaceAll(/\(\?[a-z]*:|\[:\w+:\]/gi, "");
  if (/[/:]|\\\?/.test(bare)) {
    throw new ConfigError(
      "badValue",
      `Cannot translate "${expression}" in "fast-fail-regexps": it matches ` +
        "URLs but deny-domains matches hosts, write only the host",
    );
  }
  if (expression === ALL) return `(?:${ALL})`;
  return expression.replace(/^-/, "\\-");
}
