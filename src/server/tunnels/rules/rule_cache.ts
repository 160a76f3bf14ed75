import type { DomainRules } from "../../../api/resources/domain_rules.ts";

/** Decides something about a host. */
export type Decide<Decision> = (hostname: string) => Decision;

/** Hosts whose decision is cached for each tunnel: matching a long list costs more than a look-up. */
const MAX_KNOWN = 1_000;

/** Caches what `compile` makes of rules, and its decisions about hosts. */
export function cacheDecisions<Decision>(
  compile: (rules: DomainRules) => Decide<Decision>,
): (rules: DomainRules) => Decide<Decision> {
  const compiled = new WeakMap<DomainRules, Decide<Decision>>();
  return function decide(rules) {
    return compiled.getOrInsertComputed(
      rules,
      () => cacheHosts(compile(rules)),
    );
  };
}

function cacheHosts<Decision>(decide: Decide<Decision>): Decide<Decision> {
  const known = new Map<string, Decision>();
  return function decideOnce(hostname) {
    const before = known.get(hostname);
    if (before !== undefined) return before;
    const decision = decide(hostname);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(hostname, decision);
    return decision;
  };
}
