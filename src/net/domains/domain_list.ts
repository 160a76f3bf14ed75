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
 * Expressions are RE2's, as Sauce Connect's: they take linear time. What they
 * are compiled to is bounded too (`SizeBudget`), because compiling and matching
 * take time in proportion to it. They see the host in lower case, without a
 * port and without the dot that may stand at the end of a name, and an IP
 * address in its canonical spelling.
 */
import { RE2JS } from "re2js";
import { canonicalHost } from "../address/address.ts";
import { compiledSize, estimate } from "./expression_size.ts";

/** Characters of a whole list. */
const MAX_LENGTH: number = 64 * 1024;
/** Repetitions of a whole list: with more, one name took a second, and thousands of copies a quarter of a minute to compile. */
const MAX_REPETITIONS = 4_096;
/**
 * Steps that the lists of one tunnel may be compiled to, all together: two
 * thousand hosts of 16 characters. Compiling that many takes up to 0.5 s in
 * slices, keeping them 2 to 8 MB.
 */
export const MAX_STEPS = 32_768;
/** Estimated steps of the same: an estimate counts some steps twice. */
const MAX_ESTIMATED: number = 2 * MAX_STEPS;
/** Estimated steps of one entry, which is compiled at once: takes 60 ms or so. */
const MAX_ENTRY_STEPS = 16_384;
/** Estimated steps of one expression that many entries are joined to: compiling it takes 10 ms or so. */
const JOINED_STEPS = 1_024;
/** Estimated steps after which others have their turn. */
const SLICE_STEPS = 1_024;

/** Characters of the longest name that is looked for: DNS has none with more than 253 (RFC 1035 §2.3.4), and time grows with them. */
const MAX_NAME = 255;

const ALL = "all";
const TOO_LARGE: string =
  "they are too large, all lists of a tunnel together may be compiled to " +
  `${MAX_STEPS} steps: use fewer or simpler expressions`;

/** A list that cannot be used. */
export class DomainListError extends SyntaxError {
  override readonly name = "SyntaxError";

  /** @param why What `whyNotDomains` says. */
  constructor(readonly why: string) {
    super(`Cannot use the domains: ${why}`);
  }
}

/** What the lists of one tunnel may still take. */
export class SizeBudget {
  #left = MAX_STEPS;
  #estimatedLeft = MAX_ESTIMATED;

  /** Takes what entries may be compiled to, before they are. @throws {DomainListError} When that is too much. */
  takeEstimated(entries: readonly string[]): void {
    for (const entry of entries) {
      this.#estimatedLeft -= estimate(entry, this.#estimatedLeft).size;
      if (this.#estimatedLeft < 0) throw new DomainListError(TOO_LARGE);
    }
  }

  /** Takes what an expression was compiled to. @throws {DomainListError} When that is too much. */
  take(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new DomainListError(TOO_LARGE);
  }
}

/** A set of hosts. */
export class DomainList {
  readonly #included: readonly RE2JS[] | "all";
  readonly #excluded: readonly RE2JS[];

  private constructor(
    included: readonly RE2JS[] | "all",
    excluded: readonly RE2JS[],
  ) {
    this.#included = included;
    this.#excluded = excluded;
  }

  /** Reads a list at once. @throws {DomainListError} With what `whyNotDomains` says. */
  static parse(entries: readonly string[]): DomainList {
    const budget = new SizeBudget();
    checkTexts(entries);
    budget.takeEstimated(entries);
    const steps = DomainList.compile(entries, budget);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /**
   * Reads a list in slices of some 10 ms; the caller decides when each
   * begins. What it is compiled to is taken from `budget`, which has taken what
   * was estimated before.
   *
   * @throws {DomainListError} With what `whyNotDomains` says.
   */
  static *compile(
    entries: readonly string[],
    budget: SizeBudget,
  ): Generator<void, DomainList> {
    checkTexts(entries);
    const included = entries.filter((entry) => !entry.startsWith("-"));
    const excluded = entries.filter((entry) => entry.startsWith("-"));
    const includes = included.includes(ALL)
      ? ALL
      : yield* compileAll(included, budget);
    return new DomainList(includes, yield* compileAll(excluded, budget));
  }

  /**
   * Whether `hostname` is in the list. What is too long for a name is in none
   * but `all`, from which nothing takes it out.
   *
   * @param hostname A name, or an IP address without brackets.
   */
  matches(hostname: string): boolean {
    if (hostname.length > MAX_NAME) return this.#included === ALL;
    const name = canonicalHost(hostname);
    const isFound = (expression: RE2JS) => expression.test(name);
    if (this.#excluded.some(isFound)) return false;
    return this.#included === ALL || this.#included.some(isFound);
  }
}

/**
 * What is wrong with a list: an invalid regular expression, only exclusions, or
 * too large. `undefined` for a valid list. It compiles the list to find out.
 */
export function whyNotDomains(entries: readonly string[]): string | undefined {
  try {
    DomainList.parse(entries);
    return undefined;
  } catch (cause) {
    if (cause instanceof DomainListError) return cause.why;
    throw cause;
  }
}

/** The part of `whyNotDomains` that is seen without compiling anything. */
export function whyNotTexts(entries: readonly string[]): string | undefined {
  const length = entries.reduce((sum, each) => sum + each.length, 0);
  if (length > MAX_LENGTH) {
    return `they have more than ${MAX_LENGTH} characters`;
  }
  let repetitions = 0;
  for (const entry of entries) {
    const { repeated, size } = estimate(entry, MAX_ESTIMATED);
    repetitions += repeated;
    if (repetitions > MAX_REPETITIONS) {
      return `they have more than ${MAX_REPETITIONS} repetitions, each copy ` +
        "that {…} stands for counted as one";
    }
    if (size > MAX_ENTRY_STEPS) return TOO_LARGE;
  }
  if (entries.some((entry) => !entry.startsWith("-"))) return undefined;
  const empty = entries.find((entry) => entry === "-");
  if (empty !== undefined) return notAnExpression(empty, "it is empty");
  return "every entry excludes, name some to include, or all";
}

function checkTexts(entries: readonly string[]): void {
  const why = whyNotTexts(entries);
  if (why !== undefined) throw new DomainListError(why);
}

/**
 * Compiles every entry, so that a wrong one is known by name and none can
 * change another, and joins them: a few expressions run through the name, not
 * a thousand.
 */
function* compileAll(
  entries: readonly string[],
  budget: SizeBudget,
): Generator<void, readonly RE2JS[]> {
  const programs: RE2JS[] = [];
  let batch: RE2JS[] = [];
  let steps = 0;
  let slice = 0;
  for (const entry of entries) {
    const expression = compileEntry(entry);
    budget.take(compiledSize(expression));
    const own = estimate(entry, MAX_ENTRY_STEPS).size;
    if (steps + own > JOINED_STEPS && batch.length > 0) {
      programs.push(...anyOf(batch));
      batch = [];
      steps = 0;
      slice = SLICE_STEPS;
    }
    batch.push(expression);
    steps += own;
    slice += own;
    if (slice < SLICE_STEPS) continue;
    slice = 0;
    yield;
  }
  return [...programs, ...anyOf(batch)];
}

function compileEntry(entry: string): RE2JS {
  const text = entry.replace(/^-/, "");
  if (text === "") {
    throw new DomainListError(notAnExpression(entry, "it is empty"));
  }
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainListError(
      notAnExpression(entry, reason.replace(/^error parsing regexp: /, "")),
    );
  }
}

function notAnExpression(entry: string, why: string): string {
  return `invalid regular expression "${entry}": ${why}`;
}

/** One expression in place of several, where that is possible: two of them may call a group by the same name. */
function anyOf(expressions: readonly RE2JS[]): readonly RE2JS[] {
  if (expressions.length <= 1) return expressions;
  const parts = expressions.map((each) => `(?:${each.pattern()})`);
  try {
    return [RE2JS.compile(parts.join("|"))];
  } catch {
    return expressions;
  }
}
