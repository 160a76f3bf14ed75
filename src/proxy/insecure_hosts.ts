/**
 * Hosts whose certificate is not verified because the user said so: nobody
 * shall wonder later why a site was trusted, so the log and a metric tell.
 *
 * @module
 */
import { exchangeIdOf } from "../http/exchange_names.ts";
import type { Logger } from "../log/log.ts";
import type { InsecureMetrics } from "../metrics/insecure_metrics.ts";
import type { UnverifiedHosts } from "../net/dial/connect.ts";
import { DomainList } from "../net/domains/domain_list.ts";

/** Hosts that are told of on the log: browsers of a test visit fewer, and a hostile page cannot fill the memory. */
const MAX_TOLD = 1_000;

/** Where they are told. */
export interface InsecureHostsOptions {
  readonly metrics: InsecureMetrics;
  readonly log: Logger;
}

/**
 * The hosts that `domains` names, as `DomainList` reads them; none when it is
 * empty. The first connection to each is logged, all are counted.
 *
 * @throws {SyntaxError} When they cannot be read.
 */
export function insecureHosts(
  domains: readonly string[],
  { metrics, log }: InsecureHostsOptions,
): UnverifiedHosts | undefined {
  if (domains.length === 0) return undefined;
  const list = DomainList.parse(domains);
  const told = new Set<string>();
  return {
    matches: (hostname) => list.matches(hostname),
    onConnection(hostname, signal) {
      metrics.count();
      if (told.has(hostname) || told.size >= MAX_TOLD) return;
      told.add(hostname);
      log.warn("certificate is not verified", {
        id: exchangeIdOf(signal),
        host: hostname,
      });
    },
  };
}
