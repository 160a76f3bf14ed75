/**
 * The rules of tunnels, compiled.
 *
 * Compiling may take half a second of the processor, and anybody who may start
 * tunnels can ask for it. So it is done in slices, for one tunnel at a time:
 * between two slices everybody else has their turn. Owners take turns too.
 *
 * A tunnel that is created has its rules compiled before it is made; those of
 * an earlier run of the server are compiled after the start, or when a request
 * asks for them first.
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import { FairSemaphore } from "../../async/fair_semaphore.ts";
import { KeyedCounter } from "../../async/keyed_counter.ts";
import {
  compileDomains,
  compileDomainsNow,
  type NamedLists,
} from "../../net/domains/compile_domains.ts";
import type { Tunnel } from "./tunnel.ts";

/** Each list that says something, ready to be asked. */
export type CompiledRules = NamedLists<keyof DomainRules>;

/** Rules that cannot be compiled refuse everything: what they would deny is not known. */
const DENY_ALL: CompiledRules = compileDomainsNow({ "deny_domains": ["all"] });

/** Tunnels of one owner that wait for their rules: half a second each at worst, and many more than start at once. */
const MAX_WAITING = 32;

/** An owner has too many tunnels whose rules wait to be compiled. */
export class RulesBusyError extends Error {
  override readonly name = "RulesBusyError";
}

const known = new WeakMap<DomainRules, CompiledRules>();
const underWay = new WeakMap<DomainRules, Promise<void>>();
/** Each owner's tunnels whose rules wait or are compiled. */
const waiting = new KeyedCounter();
/** Owners take turns. {@linkcode compileRules} bounds how many wait; besides them, those of the database do. */
const line = new FairSemaphore({
  permits: 1,
  reserved: 0,
  maxWaiting: Infinity,
});

/**
 * Compiles the rules of a tunnel of `owner`'s, once.
 *
 * @throws {NamedListError} When they cannot be used.
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

/** What to wait for until the rules of all `tunnels` are compiled; nothing when they are. It never rejects. */
export function whenRulesCompiled(
  tunnels: readonly Tunnel[],
): Promise<unknown> | undefined {
  const missing = tunnels.filter(({ rules }) => !known.has(rules));
  if (missing.length === 0) return undefined;
  return Promise.all(missing.map(compileStored));
}

/** Compiles the rules of a tunnel that exists. It never rejects. @returns Whether they can be used; if not, the tunnel refuses everything. */
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

/** The compiled rules; compiles them at once when that was not done before. @throws {NamedListError} When they cannot be used. */
export function compiledRules(rules: DomainRules): CompiledRules {
  return known.getOrInsertComputed(rules, compileDomainsNow);
}

function compileOnce(rules: DomainRules, owner: string): Promise<void> {
  if (known.has(rules)) return Promise.resolve();
  return underWay.getOrInsertComputed(rules, () => compileNext(rules, owner));
}

async function compileNext(rules: DomainRules, owner: string): Promise<void> {
  using _waiting = waiting.enter(owner);
  try {
    const compiled = await line.run(
      () => compileDomains(rules),
      { key: owner },
    );
    known.set(rules, compiled);
  } finally {
    underWay.delete(rules);
  }
}
