import assert from "node:assert/strict";
import type { DomainRules } from "../../../src/api/resources/domain_rules.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { isInterceptedHost } from "../../../src/server/interception/intercepted_domains.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";

function tunnelWith(rules: DomainRules): Tunnel {
  const spec = { owner: "ann", name: "shop", pool: true, rules };
  return new TunnelRegistry().create(spec).tunnel;
}

const CASES: readonly (readonly [DomainRules, boolean])[] = [
  [{}, false],
  [{ tls_resign_domains: [], tls_passthrough_domains: [] }, false],
  [{ tls_resign_domains: ["all"] }, true],
  [{ tls_resign_domains: ["all", "-^shop"] }, false],
  [{ tls_resign_domains: ["other"] }, false],
  [{ tls_passthrough_domains: ["other"] }, true],
  [{ tls_passthrough_domains: ["all"] }, false],
  [{ tls_passthrough_domains: ["all", "-^shop"] }, true],
];

for (const [rules, expected] of CASES) {
  Deno.test(`isInterceptedHost() with ${JSON.stringify(rules)} is ${expected}, again and again`, () => {
    const tunnels = [tunnelWith(rules)];

    assert.equal(isInterceptedHost(tunnels, "shop.test"), expected);
    assert.equal(isInterceptedHost(tunnels, "shop.test"), expected);
  });
}

Deno.test("isInterceptedHost() needs all tunnels of a pool to want it", () => {
  const opened = tunnelWith({ tls_resign_domains: ["all"] });
  const untouched = tunnelWith({});

  assert.equal(isInterceptedHost([opened, opened], "shop.test"), true);
  assert.equal(isInterceptedHost([opened, untouched], "shop.test"), false);
  assert.equal(isInterceptedHost([], "shop.test"), false);
});

Deno.test("isInterceptedHost() is right for more hosts than it caches", () => {
  const tunnels = [tunnelWith({ tls_resign_domains: ["7\\.test$"] })];

  for (let at = 0; at < 2_500; at++) {
    assert.equal(isInterceptedHost(tunnels, `host${at}.test`), at % 10 === 7);
  }
});
