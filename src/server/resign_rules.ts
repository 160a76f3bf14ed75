/**
 * Whose TLS is opened: what the rules of a tunnel say about a host.
 *
 * Nobody's, unless the tunnel was created with `tls_resign_domains` (these) or
 * `tls_passthrough_domains` (all but these).
 *
 * @module
 */
import type { DomainRules } from "../api/domain_rules.ts";
import { DomainList } from "../net/domain_list.ts";
import type { Tunnel } from "./tunnel.ts";

type Decide = (hostname: string) => boolean;

/** Hosts whose answer is kept for each tunnel: a long list costs more than a look-up. */
const MAX_KNOWN = 1_000;

const compiled = new WeakMap<DomainRules, Decide>();

/**
 * Whether the TLS of `hostname` is opened on its way through these tunnels,
 * which share a name. All of them have to want it: an exchange can go through
 * any.
 */
export function isResigned(
  tunnels: readonly Tunnel[],
  hostname: string,
): boolean {
  return tunnels.length > 0 &&
    tunnels.every(({ rules }) => deciderOf(rules)(hostname));
}

function deciderOf(rules: DomainRules): Decide {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const decide = remembered(compile(rules));
  compiled.set(rules, decide);
  return decide;
}

function compile(
  {
    tls_resign_domains: resigned = [],
    tls_passthrough_domains: passed = [],
  }: DomainRules,
): Decide {
  if (resigned.length > 0) {
    const list = DomainList.parse(resigned);
    return (hostname) => list.matches(hostname);
  }
  if (passed.length > 0) {
    const list = DomainList.parse(passed);
    return (hostname) => !list.matches(hostname);
  }
  return () => false;
}

function remembered(decide: Decide): Decide {
  const known = new Map<string, boolean>();
  return function decideOnce(hostname) {
    const before = known.get(hostname);
    if (before !== undefined) return before;
    const answer = decide(hostname);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(hostname, answer);
    return answer;
  };
}
