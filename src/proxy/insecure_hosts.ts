/**
 * Hosts whose certificate is not verified because the user said so. The log
 * and a metric record each use.
 */
import type { Logger } from "../log/log.ts";
import type { InsecureMetrics } from "../metrics/dial_metrics.ts";
import type { UnverifiedHosts } from "../net/dial/connect.ts";
import { DomainList } from "../net/domains/domain_list.ts";

/** Hosts that are logged: the browsers of a test visit fewer, and a hostile page cannot fill the memory. */
const MAX_LOGGED = 1_000;

/** Where uses are counted and logged. */
export interface InsecureHostsOptions {
  readonly metrics: InsecureMetrics;
  readonly log: Logger;
}

/**
 * The hosts that `domains` names, as `DomainList` reads them; `undefined` when
 * it is empty. The first connection to each host is logged, all are counted.
 *
 * @throws {SyntaxError} When a domain is not a valid regular expression.
 */
export function insecureHosts(
  domains: readonly string[],
  { metrics, log }: InsecureHostsOptions,
): UnverifiedHosts | undefined {
  if (domains.length === 0) return undefined;
  const list = DomainList.parse(domains);
  const logged = new Set<string>();
  return {
    matches: (hostname) => list.matches(hostname),
    onConnection(hostname, exchangeId) {
      metrics.count();
      if (logged.has(hostname) || logged.size >= MAX_LOGGED) return;
      logged.add(hostname);
      log.warn("certificate is not verified", {
        id: exchangeId,
        host: hostname,
      });
    },
  };
}
