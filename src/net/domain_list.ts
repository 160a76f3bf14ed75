/**
 * Lists of host names as users write them: regular expressions, some of which
 * take hosts out again.
 *
 * | entry | means |
 * |---|---|
 * | `shop\.test$` | hosts in which the expression is found, anywhere |
 * | `-^cdn\.` | not these, whatever the others say |
 * | `all` | every host |
 *
 * Expressions are RE2's, as Sauce Connect's: they take linear time, so that no
 * expression and no host name can hold up a process. They see the host in lower
 * case, without a port and without the dot that may stand at the end of a name,
 * and an IP address in one spelling, however it was asked for.
 *
 * @module
 */
import { RE2JS } from "re2js";
import { canonicalHost } from "./address.ts";

/** Characters of a whole list; to compile that many takes a tenth of a second. */
const MAX_LENGTH: number = 64 * 1024;
/** Repetitions of a whole list: with more, one name took a second, and thousands of copies a quarter of a minute to compile. */
const MAX_REPETITIONS = 4_096;

/** An escape, what begins a group, `{…}` and its bounds, the other repetitions, any character. */
const TOKEN = /\\.|\(\?|\{(\d+)(?:,(\d*))?\}|[*+?]|./gs;

const ALL = "all";

/** A set of hosts. */
export class DomainList {
  readonly #included: RE2JS | "all";
  readonly #excluded: RE2JS | undefined;

  private constructor(included: RE2JS | "all", excluded: RE2JS | undefined) {
    this.#included = included;
    this.#excluded = excluded;
  }

  /** Reads a list. @throws {SyntaxError} With what `whyNotDomains` says. */
  static parse(entries: readonly string[]): DomainList {
    const why = whyNotDomains(entries);
    if (why !== undefined) {
      throw new SyntaxError(`Cannot use the domains: ${why}`);
    }
    const included = entries.filter((entry) => !entry.startsWith("-"));
    const excluded = entries.filter((entry) => entry.startsWith("-"))
      .map((entry) => entry.slice(1));
    return new DomainList(
      included.includes(ALL) ? ALL : anyOf(included),
      excluded.length === 0 ? undefined : anyOf(excluded),
    );
  }

  /** Whether `hostname` is in the list. @param hostname A name, or an IP address without brackets. */
  matches(hostname: string): boolean {
    const name = canonicalHost(hostname);
    if (this.#excluded?.test(name)) return false;
    return this.#included === ALL || this.#included.test(name);
  }
}

/**
 * What is wrong with a list: an entry that is no regular expression, by name;
 * that every entry excludes; or that it is too long. `undefined` for a good one.
 */
export function whyNotDomains(entries: readonly string[]): string | undefined {
  const text = entries.join("");
  if (text.length > MAX_LENGTH) {
    return `they have more than ${MAX_LENGTH} characters`;
  }
  const repetitions = entries.reduce((sum, each) => sum + repeatedIn(each), 0);
  if (repetitions > MAX_REPETITIONS) {
    return `they have more than ${MAX_REPETITIONS} repetitions, each copy ` +
      "that {…} stands for counted as one";
  }
  for (const entry of entries) {
    const why = whyNotEntry(entry);
    if (why !== undefined) {
      return `"${entry}" is no regular expression, ${why}`;
    }
  }
  if (entries.some((entry) => !entry.startsWith("-"))) return undefined;
  return "every entry excludes, name some to include, or all";
}

/**
 * How often an expression repeats something, at most: `*`, `+` and `?` count
 * once, `{…}` as many characters as it stands for.
 */
function repeatedIn(expression: string): number {
  let repeated = 0;
  let characters = 0;
  let before = "";
  for (const [token, min, max] of expression.matchAll(TOKEN)) {
    characters += 1;
    if (/^[*+?]/.test(token)) repeated += 1;
    if (min !== undefined) {
      const copies = Math.max(Number(min), Number(max ?? 0));
      // What is repeated may be a group, which is no more than all before it.
      const each = /[)}*+?]$/.test(before) ? characters : 1;
      const more = each * Math.max(0, copies - 1);
      repeated += more;
      characters += more;
    }
    before = token;
  }
  return repeated;
}

function whyNotEntry(entry: string): string | undefined {
  const expression = entry.replace(/^-/, "");
  if (expression === "") return "it is empty";
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return text.replace(/^error parsing regexp: /, "");
  }
}

/** One expression runs through the name once, however many there are. */
function anyOf(expressions: readonly string[]): RE2JS {
  const parts = expressions.map((each) => `(?:${each})`);
  return RE2JS.compile(parts.join("|"));
}
