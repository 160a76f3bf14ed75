/** Values of Sauce Connect 4, option by option. */
import assert from "node:assert/strict";
import {
  isEmpty,
  LEGACY_SWITCHES,
  type NewOptions,
  OLD_NAMES,
  type OldValue,
  OPTION_MAP,
} from "../../../src/cli/legacy/option_map.ts";

/** What an option becomes, beside others. */
function changedTo(
  name: string,
  value: OldValue,
  others: Readonly<Record<string, OldValue>> = {},
): NewOptions {
  const mapping = OPTION_MAP[name];
  assert.ok(mapping?.kind === "changed", name);
  return mapping.to(
    value,
    new Map(Object.entries({ ...others, [name]: value })),
  );
}

const PROXY = { proxy: "http://p.test:3128/" };

const CHANGES: readonly (readonly [
  string,
  OldValue,
  NewOptions,
  Readonly<Record<string, OldValue>>?,
])[] = [
  ["logfile", "a.log", { "log-file": "a.log" }],
  ["logfile", "-", {}],
  ["log-file", "a.log", { "log-file": "a.log" }],
  ["verbose", "0", {}],
  ["verbose", "false", {}],
  ["verbose", "true", { "log-level": "debug" }],
  ["verbose", "1", { "log-level": "debug" }],
  ["verbose", "2", { "log-level": "debug", "log-http": ["headers"] }],
  ["tunnel-pool", "true", { "tunnel-pool": "true" }],
  ["tunnel-pool", "No", {}],
  ["no-remove-colliding-tunnels", "", { "tunnel-pool": "true" }],
  ["shared-tunnel", "true", { shared: "all" }],
  ["shared-tunnel", "off", {}],
  ["proxy-localhost", "true", { "proxy-localhost": "allow" }],
  ["proxy-localhost", "0", { "proxy-localhost": "direct" }],
  ["scproxy-port", "0", {}],
  ["scproxy-port", "9000", { "debug-address": "127.0.0.1:9000" }],
  ["direct-domains", "a", { "direct-domains": ["^a$"] }],
  ["tunnel-domains", ["a", ".b"], { "tunnel-domains": ["^a$", "\\.b$"] }],
  ["no-ssl-bump-domains", "a", { "tls-passthrough-domains": ["^a$"] }],
  ["fast-fail-regexps", "a,b", { "deny-domains": ["a", "b"] }],
  ["auth", "a:80:u:p", { auth: ["u:p@a:80"] }],
  ["auth", ["a:*:u:p:q", "[::1]:1:ü:"], {
    auth: ["u:p%3Aq@a:*", "%C3%BC:@[::1]:1"],
  }],
  ["proxy-userpwd", "u:p@", { auth: ["u:p%40@p.test:3128"] }, PROXY],
  ["proxy-userpwd", "u", { auth: ["u:@p.test:1"] }, { proxy: "x:y@p.test:1" }],
  ["proxy-tunnel", "false", {}],
  ["proxy-tunnel", "true", { "proxy-server": "p:1" }, { proxy: "p:1" }],
  [
    "proxy-tunnel",
    "true",
    { "proxy-server": "http://u:p@p.test:1" },
    { proxy: "http://x:y@p.test:1", "proxy-userpwd": "u:p" },
  ],
  [
    "proxy-tunnel",
    "true",
    { "proxy-server": "u:p@p.test:1" },
    { proxy: "p.test:1", "proxy-userpwd": "u:p" },
  ],
];

for (const [name, value, wanted, others] of CHANGES) {
  Deno.test(`${name} ${value} becomes ${JSON.stringify(wanted)}`, () => {
    assert.deepEqual(changedTo(name, value, others), wanted);
  });
}

Deno.test("options that need the proxy say so when it is missing", () => {
  for (const name of ["proxy-userpwd", "proxy-tunnel"]) {
    for (const others of [{}, { proxy: "" }]) {
      assert.throws(() => changedTo(name, "true", others), {
        code: "badValue",
        message: `Cannot translate "${name}": it requires "proxy", which is ` +
          "not set, set it or remove this one",
      });
    }
  }
});

Deno.test("credentials of sites that have another form are refused", () => {
  for (const value of ["a:u:p", "a:80", "u:p@a:80", "a:x:u:p", "a:80::p"]) {
    assert.throws(() => changedTo("auth", value), {
      code: "badValue",
      message: 'Cannot translate a value of "auth": expected ' +
        "host:port:user:password",
    });
  }
});

Deno.test("isEmpty() is for options without a value", () => {
  for (const value of [undefined, "", []]) assert.equal(isEmpty(value), true);
  for (const value of ["a", ["a"]]) assert.equal(isEmpty(value), false);
});

Deno.test("every switch is an option", () => {
  for (const name of LEGACY_SWITCHES) assert.ok(OLD_NAMES.has(name), name);
});
