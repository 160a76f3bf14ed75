// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import {
  type OldValue,
  OPTION_MAP,
} from "../../../src/cli/legacy/option_map.ts";
import { translate } from "../../../src/cli/legacy/translate.ts";
import { DomainList } from "../../../src/net/domains/domain_list.ts";
import { isInterceptedHost } from "../../../src/server/interception/intercepted_domains.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";

type Options = Readonly<Record<string, string | readonly string[]>>;
type Old = Readonly<Record<string, OldValue>>;

const PROXY = { proxy: "proxy.test:3128" };

/** Every option of Sauce Connect 4 with what becomes of it; one row for each kind of value. */
const ROWS: readonly (readonly [Old, Options | "dropped" | "manual"])[] = [
  [{ "user": "jane" }, { username: "jane" }],
  [{ "user": "" }, {}],
  [{ "api-key": "k" }, { "access-key": "k" }],
  [{ "tunnel-identifier": "foo" }, { "tunnel-name": "foo" }],
  [{ "tunnel-name": "foo" }, { "tunnel-name": "foo" }],
  [{ "region": "eu-central" }, { region: "eu-central" }],
  [{ "rest-url": "https://a.test/rest/v1" }, "manual"],
  [{ "rest-url": "" }, {}],
  [{ "logfile": "/tmp/a" }, { "log-file": "/tmp/a" }],
  [{ "logfile": "-" }, {}],
  [{ "log-file": "-" }, {}],
  [{ "dns": "10.0.0.53,10.0.0.54:5353" }, {
    "dns-server": "10.0.0.53,10.0.0.54:5353",
  }],
  [{ "dns": ["10.0.0.53"] }, { "dns-server": ["10.0.0.53"] }],
  [{ "dns": [] }, {}],
  [{ "cainfo": "/a.pem" }, { "cacert-file": "/a.pem" }],
  [{ "capath": "/etc/ssl" }, "manual"],
  [{ "status-address": "localhost:8032" }, { "api-address": "localhost:8032" }],
  [{ "pac": "http://a.test/pac" }, { pac: "http://a.test/pac" }],
  [{ "auth": "a.test:80:me:p:w" }, { auth: ["me:p%3Aw@a.test:80"] }],
  [{ "auth": ["a.test:80:me:100%,@", "[fd00::1]:443:you:x"] }, {
    auth: ["me:100%25%2C%40@a.test:80", "you:x@[fd00::1]:443"],
  }],
  [{ "pac-auth": "me:pw@a.test:80" }, { auth: "me:pw@a.test:80" }],
  [PROXY, PROXY],
  [{ ...PROXY, "proxy-userpwd": "me:p@w" }, {
    ...PROXY,
    auth: ["me:p%40w@proxy.test:3128"],
  }],
  [{ ...PROXY, "proxy-tunnel": "true" }, {
    ...PROXY,
    "proxy-server": "proxy.test:3128",
  }],
  [{ ...PROXY, "proxy-tunnel": "true", "proxy-userpwd": "me:p@w" }, {
    ...PROXY,
    "proxy-server": "me:p%40w@proxy.test:3128",
    auth: ["me:p%40w@proxy.test:3128"],
  }],
  [{ ...PROXY, "proxy-tunnel": "false" }, PROXY],
  [{ "proxy-tunnel": "true" }, "manual"],
  [{ "proxy-localhost": "true" }, { "proxy-localhost": "allow" }],
  [{ "proxy-localhost": "false" }, { "proxy-localhost": "direct" }],
  [{ "no-proxy": "a.test" }, "manual"],
  [{ "no-autodetect": "true" }, "dropped"],
  [{ "shared-tunnel": "true" }, { shared: "all" }],
  [{ "shared-tunnel": "false" }, {}],
  [{ "tunnel-pool": "true" }, { "tunnel-pool": "true" }],
  [{ "tunnel-pool": "false", "no-remove-colliding-tunnels": "true" }, {
    "tunnel-pool": "true",
  }],
  [{ "no-remove-colliding-tunnels": "true", "tunnel-pool": "false" }, {
    "tunnel-pool": "true",
  }],
  [{ "direct-domains": ".a.test" }, { "direct-domains": ["\\.a\\.test$"] }],
  [{ "tunnel-domains": "a.test" }, { "tunnel-domains": ["^a\\.test$"] }],
  [{ "tunnel-domains": ["a.test"], "direct-domains": ["b.test"] }, {
    "tunnel-domains": ["^a\\.test$"],
  }],
  [{ "tunnel-domains": [], "direct-domains": "all" }, {
    "direct-domains": ["all"],
  }],
  [{ "no-ssl-bump-domains": "all" }, { "tls-passthrough-domains": ["all"] }],
  [{ "no-ssl-bump-domains": [] }, {}],
  [{ "fast-fail-regexps": "ads" }, { "deny-domains": ["ads"] }],
  [{ "fast-fail-regexps": "ads.test/pixel" }, "manual"],
  [{ "fast-fail-regexps": "^https:" }, "manual"],
  [{ "verbose": "true" }, { "log-level": "debug" }],
  [{ "verbose": "0" }, {}],
  [{ "verbose": "2" }, { "log-level": "debug", "log-http": ["headers"] }],
  [{ "scproxy-port": "8080" }, { "debug-address": "127.0.0.1:8080" }],
  [{ "scproxy-port": "0" }, {}],
  [{ "scproxy-read-limit": "0" }, { "read-limit": "0" }],
  [{ "scproxy-read-limit": "1000" }, { "read-limit": "1000" }],
  [{ "scproxy-write-limit": "1000" }, { "write-limit": "1000" }],
  [{ "metadata": "a=b" }, { metadata: "a=b" }],
  ...[
    "autodetect",
    "config-file",
    "daemonize",
    "doctor",
    "experimental",
    "extra-info",
    "kgp-host",
    "kgp-port",
    "log-stats",
    "max-logsize",
    "max-missed-acks",
    "metrics-address",
    "no-http2",
    "no-ocsp-verify",
    "no-proxy-caching",
    "ocsp",
    "output-format",
    "pidfile",
    "readyfile",
    "reconnect",
    "se-port",
    "start-timeout",
    "tunnel-cainfo",
    "tunnel-capath",
    "tunnel-cert",
    "vm-version",
  ].map((name) => [{ [name]: "true" }, "dropped"] as const),
];

for (const [old, expected] of ROWS) {
  Deno.test(`legacy makes ${JSON.stringify(expected)} of ${JSON.stringify(old)}`, () => {
    const options = new Map(Object.entries(old));
    if (expected === "manual") {
      assert.throws(() => translate(options), { name: "ConfigError" });
    } else if (expected === "dropped") {
      const [name] = options.keys();
      const translation = translate(options);
      assert.deepEqual(translation.options, {});
      assert.deepEqual(translation.dropped.map((each) => each.name), [name]);
    } else {
      assert.deepEqual(translate(options).options, expected);
    }
  });
}

Deno.test("legacy has a row for every option that it knows", () => {
  const translated = new Set(ROWS.flatMap(([old]) => Object.keys(old)));

  assert.deepEqual([...translated].sort(), Object.keys(OPTION_MAP).sort());
});

const DOMAINS: readonly (readonly [
  names: string,
  has: readonly string[],
  hasNot: readonly string[],
])[] = [
  ["a.test", ["a.test"], ["www.a.test", "xa.test", "a.test.evil.test"]],
  [".a.test", ["www.a.test", "x.y.a.test"], ["a.test", "xa.test"]],
  ["*.a.test", ["www.a.test"], ["a.test", "xa.test"]],
  ["A.Test", ["a.test", "A.TEST"], ["b.test"]],
  ["a.test.", ["a.test"], ["b.test"]],
  ["cdn*.a.test", ["cdn7.a.test"], ["a.test"]],
  ["10.0.0.1", ["10.0.0.1"], ["10.0.0.10", "1000001"]],
  ["fd00::1", ["fd00::1"], ["fd00::10"]],
  ["all", ["a.test", "::1"], []],
  ["*", ["a.test", "::1"], []],
  ["b.test, all", ["a.test"], []],
];

for (const option of ["direct-domains", "tunnel-domains"]) {
  for (const [names, has, hasNot] of DOMAINS) {
    Deno.test(`legacy keeps what ${option} "${names}" means`, () => {
      const { options } = translate(new Map([[option, names]]));
      const list = DomainList.parse([options[option] ?? []].flat());

      for (const host of has) assert.equal(list.matches(host), true, host);
      for (const host of hasNot) assert.equal(list.matches(host), false, host);
    });
  }
}

for (const [names, has, hasNot] of DOMAINS) {
  Deno.test(`legacy has TLS opened for all but no-ssl-bump-domains "${names}"`, () => {
    const { options } = translate(new Map([["no-ssl-bump-domains", names]]));
    const domains = [options["tls-passthrough-domains"] ?? []].flat();
    const rules = { tls_passthrough_domains: domains };
    const { tunnel } = new TunnelRegistry().create({
      owner: "ann",
      name: "shop",
      rules,
    });

    for (const host of has) {
      assert.equal(isInterceptedHost([tunnel], host), false);
    }
    for (const host of hasNot) {
      assert.equal(isInterceptedHost([tunnel], host), true);
    }
  });
}

const DENIED: readonly (readonly [string, string, boolean])[] = [
  ["ads", "ads.test", true],
  ["^ads\\.", "bads.test", false],
  // Words and characters that have a meaning today, and had none.
  ["all", "mall.test", true],
  ["all", "shop.test", false],
  ["-ads", "my-ads.test", true],
  ["-ads", "ads.test", false],
];

for (const [expression, host, isDenied] of DENIED) {
  Deno.test(`legacy has fast-fail-regexps "${expression}" ${isDenied ? "deny" : "pass"} ${host}`, () => {
    const { options } = translate(new Map([["fast-fail-regexps", expression]]));
    const list = DomainList.parse([options["deny-domains"] ?? []].flat());

    assert.equal(list.matches(host), isDenied);
  });
}
