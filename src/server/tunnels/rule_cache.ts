/**
 * What the rules of a tunnel say about a host, worked out once: answers are
 * kept.
 *
 * @module
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";

/** Says something about a host. */
export type Decide<Answer> = (hostname: string) => Answer;

/** Hosts whose answer is kept for each tunnel: a long list costs more than a look-up. */
const MAX_KNOWN = 1_000;

/** Remembers what `compile` makes of rules, and what that says of hosts. */
export function cacheDecisions<Answer>(
  compile: (rules: DomainRules) => Decide<Answer>,
): (rules: DomainRules) => Decide<Answer> {
  const compiled = new WeakMap<DomainRules, Decide<Answer>>();
  return function decide(rules) {
    const known = compiled.get(rules);
    if (known !== undefined) return known;
    const made = rememberHosts(compile(rules));
    compiled.set(rules, made);
    return made;
  };
}

function rememberHosts<Answer>(decide: Decide<Answer>): Decide<Answer> {
  const known = new Map<string, Answer>();
  return function decideOnce(hostname) {
    const before = known.get(hostname);
    if (before !== undefined) return before;
    const answer = decide(hostname);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(hostname, answer);
    return answer;
  };
}
