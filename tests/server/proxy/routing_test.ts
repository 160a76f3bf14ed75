// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import type { DomainRules } from "../../../src/api/resources/domain_rules.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { routeOf, type Routing } from "../../../src/server/proxy/routing.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { PROBE_HOST } from "../../../src/tunnel/protocol.ts";

function tunnelWith(rules: DomainRules): Tunnel {
  const spec = { owner: "ann", name: "shop", pool: true, rules };
  return new TunnelRegistry().create(spec).tunnel;
}

const CASES: readonly (readonly [DomainRules, Routing])[] = [
  [{}, "tunnel"],
  [{ deny_domains: ["all"] }, "deny"],
  [{ deny_domains: ["all", "-^shop"] }, "tunnel"],
  [{ deny_domains: ["hop"] }, "deny"],
  [{ deny_domains: ["hop\\.test:80"] }, "tunnel"],
  [{ deny_domains: ["^hop"] }, "tunnel"],
  [{ direct_domains: ["shop"] }, "direct"],
  [{ direct_domains: ["all", "-shop"] }, "tunnel"],
  [{ direct_domains: ["other"] }, "tunnel"],
  [{ tunnel_domains: ["shop"] }, "tunnel"],
  [{ tunnel_domains: ["other"] }, "direct"],
  [{ tunnel_domains: ["all", "-shop"] }, "direct"],
  [{ deny_domains: ["shop"], direct_domains: ["shop"] }, "deny"],
];

for (const [rules, expected] of CASES) {
  Deno.test(`routeOf() with ${JSON.stringify(rules)} is ${expected}`, () => {
    assert.equal(routeOf([tunnelWith(rules)], "shop.test"), expected);
  });
}

Deno.test("routeOf() denies what one member of a pool denies, and passes the pool when all say so", () => {
  const [none, direct, deny] = [
    tunnelWith({}),
    tunnelWith({ direct_domains: ["all"] }),
    tunnelWith({ deny_domains: ["all"] }),
  ];

  assert.equal(routeOf([none, direct], "shop.test"), "tunnel");
  assert.equal(routeOf([direct, direct], "shop.test"), "direct");
  assert.equal(routeOf([none, deny], "shop.test"), "deny");
});

Deno.test("routeOf() lets the probe through whatever the rules say", () => {
  const rules = { deny_domains: ["all"], tunnel_domains: ["other"] };

  assert.equal(routeOf([tunnelWith(rules)], PROBE_HOST), "tunnel");
});
