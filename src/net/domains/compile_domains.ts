/**
 * Compiles the lists of one tunnel together, so that others have their turn in
 * between.
 */
import { sleep } from "../../async/timer.ts";
import { DomainList, DomainListError, SizeBudget } from "./domain_list.ts";

/** Lists by name; empty ones count as missing. */
export type NamedTexts<Name extends string> = {
  readonly [Key in Name]?: readonly string[] | undefined;
};

/** Lists that are compiled, by name. */
export type NamedLists<Name extends string> = {
  readonly [Key in Name]?: DomainList;
};

/** One of several lists cannot be used. */
export class NamedListError extends Error {
  override readonly name = "NamedListError";

  /** @param list Its name. @param why What is wrong with it. */
  constructor(readonly list: string, readonly why: string) {
    super(`Cannot use ${list}: ${why}`);
  }
}

/**
 * Compiles lists, which share one budget. What can be known before compiling is
 * checked before the first of them is.
 *
 * @throws {NamedListError} For the first that cannot be used.
 */
export async function compileDomains<Name extends string>(
  texts: NamedTexts<Name>,
): Promise<NamedLists<Name>> {
  const slices = slicesOf(texts);
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
    await sleep(0);
  }
}

/** The same at once. @throws {NamedListError} For the first that cannot be used. */
export function compileDomainsNow<Name extends string>(
  texts: NamedTexts<Name>,
): NamedLists<Name> {
  const slices = slicesOf(texts);
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
  }
}

function* slicesOf<Name extends string>(
  texts: NamedTexts<Name>,
): Generator<void, NamedLists<Name>> {
  const budget = new SizeBudget();
  const lists: { [Key in Name]?: DomainList } = {};
  const names = namesOf(texts);
  for (const name of names) {
    naming(name, () => budget.takeEstimated(texts[name] ?? []));
  }
  for (const name of names) {
    const slices = DomainList.compile(texts[name] ?? [], budget);
    for (;;) {
      const { done, value } = naming(name, () => slices.next());
      // The last slice of a list is a slice too.
      yield;
      if (!done) continue;
      lists[name] = value;
      break;
    }
  }
  return lists;
}

function namesOf<Name extends string>(
  texts: NamedTexts<Name>,
): readonly Name[] {
  const names: Name[] = [];
  for (const name in texts) if (texts[name]?.length) names.push(name);
  return names;
}

function naming<Result>(list: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof DomainListError)) throw cause;
    throw new NamedListError(list, cause.why);
  }
}
