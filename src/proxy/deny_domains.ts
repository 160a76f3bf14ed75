import type { Handler } from "../http/exchange.ts";
import { DomainList } from "../net/domains/domain_list.ts";
import { ProxyError } from "./errors/errors.ts";
import { originOf } from "./origin.ts";

/**
 * A handler that refuses the hosts that `domains` names. The server refuses
 * them too; a client trusts only its own rules.
 *
 * It throws a {@linkcode ProxyError} `domainDenied`.
 *
 * @throws {SyntaxError} When a domain is not a valid regular expression.
 */
export function denyDomains(
  handler: Handler,
  domains: readonly string[] = [],
): Handler {
  if (domains.length === 0) return handler;
  const denied = DomainList.parse(domains);
  return async function checkDomain(request, context) {
    const { hostname } = originOf(request);
    if (!denied.matches(hostname)) return await handler(request, context);
    throw new ProxyError("domainDenied", hostname);
  };
}
