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
 * case, without a port and without the dot that may stand at the end of a name.
 *
 * @module
 */
import { RE2JS } from "re2js";
import { canonicalName } from "./address.ts";

/** Characters of a whole list; to compile that many takes a tenth of a second. */
const MAX_LENGTH: number = 64 * 1024;
/** `{…}` of a whole list: each can stand for a thousand copies of what is before it. */
const MAX_REPETITIONS = 32;

const ALL = "all";

/** A set of hosts. */
export class DomainList {
  readonly #included: RE2JS | "all";
  readonly #excluded: RE2JS | undefined;

  private constructor(included: RE2JS | "all", excluded: RE2JS | undefined) {
    this.#included = included;
    this.#excluded = excluded;
  }

  /**
   * Reads a list.
   *
   * @throws {SyntaxError} When an entry is no regular expression, which the
   * message names; when every entry excludes; or when the list is too long.
   */
  static parse(entries: readonly string[]): DomainList {
    checkSize(entries);
    for (const entry of entries) checkEntry(entry);
    const included = entries.filter((entry) => !entry.startsWith("-"));
    const excluded = entries.filter((entry) => entry.startsWith("-"))
      .map((entry) => entry.slice(1));
    if (included.length === 0) {
      throw new SyntaxError(
        "Cannot use the domains: every entry excludes, name some to include, or all",
      );
    }
    return new DomainList(
      included.includes(ALL) ? ALL : anyOf(included),
      excluded.length === 0 ? undefined : anyOf(excluded),
    );
  }

  /** Whether `hostname` is in the list. @param hostname A name, or an IP address without brackets. */
  matches(hostname: string): boolean {
    const name = canonicalName(hostname);
    if (this.#excluded?.test(name)) return false;
    return this.#included === ALL || this.#included.test(name);
  }
}

/**
 * Checks one entry of a list.
 *
 * @throws {SyntaxError} When it is no regular expression.
 */
export function checkEntry(entry: string): void {
  const expression = entry.startsWith("-") ? entry.slice(1) : entry;
  if (expression === ALL && expression === entry) return;
  try {
    if (expression === "") throw new SyntaxError("it is empty");
    RE2JS.compile(expression);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const why = text.replace(/^error parsing regexp: /, "");
    throw new SyntaxError(
      `Cannot use the domain "${entry}": ${why}, write a regular expression (RE2)`,
      { cause },
    );
  }
}

function checkSize(entries: readonly string[]): void {
  const text = entries.join("");
  if (text.length > MAX_LENGTH) {
    throw new SyntaxError(
      `Cannot use the domains: they have more than ${MAX_LENGTH} characters`,
    );
  }
  if (text.split("{").length - 1 > MAX_REPETITIONS) {
    throw new SyntaxError(
      `Cannot use the domains: they have more than ${MAX_REPETITIONS} counted repetitions {…}`,
    );
  }
}

/** One expression runs through the name once, however many there are. */
function anyOf(expressions: readonly string[]): RE2JS {
  const parts = expressions.map((each) => `(?:${each})`);
  return RE2JS.compile(parts.join("|"));
}
