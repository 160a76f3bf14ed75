// The rules of tunnels, compiled.
//
// Compiling may take half a second of processor time, and every user who may start
// tunnels can cause it. So it happens in slices, for one tunnel at a time: other
// work goes on between two slices. Owners take turns.
//
// The rules of a new tunnel are compiled before it is created. Those of restored
// tunnels are compiled after the start, or when a request needs them first.
import type { DomainRules } from "../../../api/resources/domain_rules.ts";
import { FairSemaphore } from "../../../async/fair_semaphore.ts";
import { KeyedCounter } from "../../../async/keyed_counter.ts";
import {
  compileDomains,
  compileDomainsNow,
  type NamedLists,
} from "../../../net/domains/compile_domains.ts";
import type { Tunnel } from "../tunnel.ts";

/** The lists that are set, compiled. */
export type CompiledRules = NamedLists<keyof DomainRules>;

/** Replaces rules that cannot be compiled: it is unknown what they would deny. */
const DENY_ALL: CompiledRules = compileDomainsNow({ "deny_domains": ["all"] });

/** Tunnels of one owner that may wait for their rules. Each takes half a second at worst, and fewer start at once. */
const MAX_WAITING = 32;

/** Too many tunnels of one owner wait for their rules. */
export class RulesBusyError extends Error {
  override readonly name = "RulesBusyError";
}

const known = new WeakMap<DomainRules, CompiledRules>();
const running = new WeakMap<DomainRules, Promise<void>>();
/** Tunnels whose rules wait or are being compiled, by owner. */
const waiting = new KeyedCounter();
/** Owners take turns. {@linkcode compileRules} bounds how many wait; restored tunnels wait besides. */
const queue = new FairSemaphore({
  permits: 1,
  reserved: 0,
  maxWaiting: Infinity,
});

/**
 * Compiles the rules of a tunnel of `owner`, once.
 *
 * @throws {NamedListError} When they are invalid.
 * @throws {RulesBusyError} When too many of the owner's tunnels wait already.
 */
export async function compileRules(
  rules: DomainRules,
  owner: string,
): Promise<void> {
  if (waiting.of(owner) >= MAX_WAITING) {
    throw new RulesBusyError(
      `Too many tunnels of "${owner}" start at once, try again in a moment`,
    );
  }
  await compileOnce(rules, owner);
}

/** Resolves when the rules of all `tunnels` are compiled; `undefined` when they are already. It never rejects. */
export function whenRulesCompiled(
  tunnels: readonly Tunnel[],
): Promise<unknown> | undefined {
  const missing = tunnels.filter(({ rules }) => !known.has(rules));
  if (missing.length === 0) return undefined;
  return Promise.all(missing.map(compileStored));
}

/** Compiles the rules of an existing tunnel. It never rejects. @returns Whether they are valid; if not, the tunnel refuses everything. */
export async function compileStored(
  { rules, owner }: Pick<Tunnel, "rules" | "owner">,
): Promise<boolean> {
  try {
    await compileOnce(rules, owner);
    return true;
  } catch {
    known.set(rules, DENY_ALL);
    return false;
  }
}

/** The compiled rules; compiles them at once if necessary. @throws {NamedListError} When they are invalid. */
export function compiledRules(rules: DomainRules): CompiledRules {
  return known.getOrInsertComputed(rules, compileDomainsNow);
}

function compileOnce(rules: DomainRules, owner: string): Promise<void> {
  if (known.has(rules)) return Promise.resolve();
  return running.getOrInsertComputed(rules, () => compileNext(rules, owner));
}

async function compileNext(rules: DomainRules, owner: string): Promise<void> {
  using _waiting = waiting.enter(owner);
  try {
    const compiled = await queue.run(
      () => compileDomains(rules),
      { key: owner },
    );
    known.set(rules, compiled);
  } finally {
    running.delete(rules);
  }
}
