/**
 * Whether scripts get here what browsers give them. The expectations are those of
 * Chromium's tests of its PAC functions, as facts; the cases where we differ are
 * at the end, each with its reason.
 *
 * @module
 */
import assert from "node:assert/strict";
import { formatUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { PacScript } from "../../src/pac/pac_script.ts";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "host1": ["192.0.2.1"],
  "host2": ["192.0.2.2"],
  "xn--bcher-kva.test": ["192.0.2.3"],
};

/** What was looked up, in order. */
function resolving(seen: string[]) {
  return (name: string) => {
    seen.push(name);
    return Promise.resolve(NAMES[name]);
  };
}

/** The values of expressions at a time. */
async function valuesOf(
  expressions: readonly string[],
  now?: string,
): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  const source = `
    const Real = Date;
    ${
    now === undefined ? "" : `Date = class extends Real {
      constructor() { super(${JSON.stringify(now)}) } };`
  }
    const tried = (make) => {
      try { return make() ?? null } catch (error) { return String(error) }
    };
    const MAKERS = [${expressions.map((each) => `() => ${each}`).join(",\n")}];
    function FindProxyForURL(url) {
      if (url !== "http://ask.test/") return "DIRECT";
      const values = MAKERS.map(tried);
      // Alerts of one run are bounded in number and length.
      for (let at = 0; at < values.length; at += 4) {
        alert(JSON.stringify([at, values.slice(at, at + 4)]));
      }
      return "DIRECT";
    }`;
  using script = await PacScript.load(source, {
    resolve: resolving([]),
    onAlert(text) {
      const [at, some] = JSON.parse(text);
      values.splice(at, some.length, ...some);
    },
  });
  await script.find("http://ask.test/", new AbortController().signal);
  return values;
}

type Rows = readonly (readonly [expression: string, value: unknown])[];

function table(what: string, rows: Rows, now?: string): void {
  Deno.test(`PAC as in browsers: ${what}`, async () => {
    const values = await valuesOf(rows.map(([expression]) => expression), now);

    assert.deepEqual(
      rows.map(([expression], at) => [expression, values[at]]),
      rows,
    );
  });
}

const ONE_STRING = "TypeError: Requires 1 string parameter";

table("names", [
  ['dnsDomainIs("google.com", ".com")', true],
  ['dnsDomainIs("google.co.uk", ".co.uk")', true],
  ['dnsDomainIs("google.com", ".co.uk")', false],
  ['dnsDomainIs("www.adobe.com", ".ad")', false],
  ['dnsDomainLevels("www")', 0],
  ['dnsDomainLevels("www.google.com")', 2],
  ['dnsDomainLevels("192.168.1.1")', 3],
  ['isPlainHostName("google")', true],
  ['isPlainHostName("google.com")', false],
  ['isPlainHostName("192.168.1.1")', false],
  ['isPlainHostName(".")', false],
  ['isPlainHostName(".:")', false],
  ['isPlainHostName("::1")', false],
  ['isPlainHostName("::192.186.1.1")', false],
  ['isPlainHostName("foopy::1")', true],
  ['isPlainHostName("foo:112")', true],
  ['isPlainHostName(":")', true],
  ['isPlainHostName("[:]")', true],
  ['isPlainHostName("[::1]")', true],
  ['isPlainHostName("foo", "foo", "foo")', true],
  ["isPlainHostName()", ONE_STRING],
  ["isPlainHostName(null)", ONE_STRING],
  ["isPlainHostName(1)", ONE_STRING],
  ["isPlainHostName(function() {})", ONE_STRING],
  ['localHostOrDomainIs("www.google.com", "www.google.com")', true],
  ['localHostOrDomainIs("www", "www.google.com")', true],
  ['localHostOrDomainIs("maps.google.com", "www.google.com")', false],
  ['localHostOrDomainIs("www.google", "www.google.com")', true],
]);

table("shExpMatch(), which is a regular expression in browsers", [
  ['shExpMatch("foo.jpg", "*.jpg")', true],
  ['shExpMatch("foo5.jpg", "*o?.jpg")', true],
  ['shExpMatch("foo.jpg", ".jpg")', false],
  ['shExpMatch("foo.jpg", "foo")', false],
  ['shExpMatch("a.test", "(a|b).test")', true],
  ['shExpMatch("b.test", "(a|b).test")', true],
  ['shExpMatch("c.test", "(a|b).test")', false],
  ['shExpMatch("aXtest", "(a|b).test")', false],
  ['shExpMatch("http://b.lab.test/x", "http://(a|b).*.test/*")', true],
  ['shExpMatch("host7", "host[0-9]")', true],
  ['shExpMatch("hostx", "host[0-9]")', false],
  ['shExpMatch("10.1.2.3", "10\\\\.*")', false],
  ['shExpMatch("aab", "a+b")', true],
  ['shExpMatch("a+b", "a+b")', false],
]);

table("IPv4", [
  ['isInNet("192.89.132.25", "192.89.132.25", "255.255.255.255")', true],
  ['isInNet("193.89.132.25", "192.89.132.25", "255.255.255.255")', false],
  ['isInNet("192.89.132.25", "192.89.0.0", "255.255.0.0")', true],
  ['isInNet("193.89.132.25", "192.89.0.0", "255.255.0.0")', false],
  ['isInNet("192.89.132.a", "192.89.0.0", "255.255.0.0")', false],
  ['isInNet("10.0.0.1", "10.0.0.256", "0.0.0.0")', false],
  ['isInNet("10.0.0.1", "10.0.0.0", "255.0.0")', false],
  ['isInNet("10.0.0.256", "0.0.0.0", "0.0.0.0")', false],
]);

table("sortIpAddressList()", [
  ['sortIpAddressList("::2;::3;::1")', "::1;::2;::3"],
  [
    'sortIpAddressList("157.59.139.22;2001:4898:28:3:201:2ff:feea:fc14;fe80::5efe:157:9d3b:8b16")',
    "2001:4898:28:3:201:2ff:feea:fc14;fe80::5efe:157:9d3b:8b16;157.59.139.22",
  ],
  ['sortIpAddressList("127.0.0.1")', "127.0.0.1"],
  ['sortIpAddressList("::1")', "::1"],
  ['sortIpAddressList("192.168.1.1;0:0::1")', "0:0::1;192.168.1.1"],
  ['sortIpAddressList("::1;192.168.1.3")', "::1;192.168.1.3"],
  ['sortIpAddressList("0::1;::1;0:0::1")', "0::1;::1;0:0::1"],
  ['sortIpAddressList(";127.0.0.1;")', "127.0.0.1"],
  ['sortIpAddressList("192.168.0.1; 192.168.0.2")', "192.168.0.1;192.168.0.2"],
  [
    'sortIpAddressList("127.0.0.1;\\t127.0.0.2;\\t 127.0.0.0")',
    "127.0.0.0;127.0.0.1;127.0.0.2",
  ],
  ['sortIpAddressList("")', false],
  ['sortIpAddressList(" ")', false],
  ['sortIpAddressList(";")', false],
  ['sortIpAddressList(";;")', false],
  ['sortIpAddressList(" ;  ; ")', false],
  ['sortIpAddressList("256.0.0.1")', false],
  ['sortIpAddressList("192.168.1.1;0:0:0:1;127.0.0.1")', false],
  ["sortIpAddressList()", null],
  ["sortIpAddressList(null)", null],
  ["sortIpAddressList(null, null)", null],
]);

table("isInNetEx()", [
  ['isInNetEx("198.95.249.79", "198.95.249.79/32")', true],
  ['isInNetEx("198.95.115.10", "198.95.0.0/16")', true],
  ['isInNetEx("198.95.1.1", "198.95.0.0/16")', true],
  ['isInNetEx("198.95.1.1", "198.95.3.3/16")', true],
  ['isInNetEx("0:0:0:0:0:0:7f00:1", "0:0:0:0:0:0:7f00:1/32")', true],
  [
    'isInNetEx("3ffe:8311:ffff:abcd:1234:dead:beef:101", "3ffe:8311:ffff::/48")',
    true,
  ],
  ['isInNetEx("127.0.0.1", "0:0:0:0:0:0:7f00:1/16")', true],
  ['isInNetEx("192.168.24.3", "fe80:0:0:0:0:0:c0a8:1803/32")', false],
  ['isInNetEx("::ffff:192.168.100.5", "192.168.1.1/16")', true],
  ['isInNetEx("::ffff:10.168.100.5", "192.168.1.1/16")', false],
  ['isInNetEx("::fffe:192.168.100.5", "192.168.1.1/16")', false],
  ['isInNetEx("::ffff:192.168.100.5", "::ffff:192.168.1.1/112")', true],
  ['isInNetEx("::ffff:10.168.100.5", "::ffff:192.168.1.1/112")', false],
  ['isInNetEx("192.168.1.1", "::ffff:192.168.1.1/112")', true],
  ['isInNetEx("192.168.1.1", "::fffe:192.168.1.1/112")', false],
  ['isInNetEx("10.168.1.1", "::ffff:192.168.1.1/112")', false],
  ['isInNetEx("198.95.249.78", "198.95.249.79/32")', false],
  ['isInNetEx("198.96.115.10", "198.95.0.0/16")', false],
  [
    'isInNetEx("3fff:8311:ffff:abcd:1234:dead:beef:101", "3ffe:8311:ffff::/48")',
    false,
  ],
  ["isInNetEx()", null],
  ["isInNetEx(null)", null],
  ["isInNetEx(null, null)", null],
  ["isInNetEx(null, null, null)", null],
  ['isInNetEx("198.95.249.79")', null],
  ['isInNetEx("256.0.0.1", "198.95.249.79")', false],
  ['isInNetEx("127.0.0.1 ", "127.0.0.1/32")', false],
  ['isInNetEx("198.95.115.10", "198.95.0.0/34")', false],
  ['isInNetEx("127.0.0.1", "127.0.0.1")', false],
]);

for (const gmt of ["", ', "GMT"']) {
  const now = `2009-03-03T12:00:00${gmt === "" ? "" : "Z"}`;
  table(`weekdayRange() on a Tuesday${gmt}`, [
    [`weekdayRange("MON", "FRI"${gmt})`, true],
    [`weekdayRange("TUE", "FRI"${gmt})`, true],
    [`weekdayRange("TUE", "TUE"${gmt})`, true],
    [`weekdayRange("SAT", "WED"${gmt})`, true],
    [`weekdayRange("TUE"${gmt})`, true],
    [`weekdayRange("WED", "FRI"${gmt})`, false],
    [`weekdayRange("SUN", "MON"${gmt})`, false],
    [`weekdayRange("SAT"${gmt})`, false],
    [`weekdayRange("FRI", "MON"${gmt})`, false],
    [`weekdayRange("NEVER", "SAT"${gmt})`, false],
    ["weekdayRange()", false],
  ], now);
  table(`dateRange() of a day${gmt}`, [
    [`dateRange(3${gmt})`, true],
    [`dateRange(1${gmt})`, false],
    ["dateRange()", false],
    ['dateRange("NEVER")', false],
  ], now);
}

table("dateRange() on the third of March 2009", [
  ["dateRange(1, 4)", true],
  ["dateRange(4, 20)", false],
  ['dateRange(3, "MAR")', true],
  ['dateRange(3, "MAR", 2009)', true],
  ['dateRange("JAN", "MAR")', true],
  ['dateRange("MAR", "JAN")', true],
  ['dateRange("SEP", "APR")', true],
  ['dateRange("FEB", "JAN")', true],
  ['dateRange("SEP", "FEB")', false],
  ['dateRange("MAR", "APR")', true],
  ['dateRange("MAY", "SEP")', false],
  ['dateRange(1, "JAN", 3, "MAR")', true],
  ['dateRange(3, "MAR", 1, "JAN")', true],
  ['dateRange(4, "SEP", 3, "APR")', true],
  ['dateRange(4, "FEB", 3, "JAN")', true],
  ['dateRange(4, "SEP", 3, "FEB")', false],
  ['dateRange(3, "MAR", 4, "SEP")', true],
  ['dateRange(4, "MAR", 4, "SEP")', false],
  ['dateRange("FEB", 2009, "MAR", 2009)', true],
  ['dateRange(1, "JAN", 2009, 3, "MAR", 2009)', true],
  ['dateRange(3, "MAR", 2009, 4, "SEP", 2009)', true],
  ['dateRange(3, "JAN", 2009, 4, "FEB", 2010)', true],
  ['dateRange(4, "MAR", 2009, 4, "SEP", 2009)', false],
], "2009-03-03T12:00:00");

table("dateRange() on the third of April 2009", [
  ['dateRange("FEB", 2009, "MAR", 2010)', true],
  ['dateRange("FEB", 2009, "MAR", 2009)', false],
], "2009-04-03T12:00:00");

table("timeRange() at 03:34:01", [
  ["timeRange(3)", true],
  ["timeRange(2)", false],
  ["timeRange(2, 3)", true],
  ["timeRange(2, 4)", true],
  ["timeRange(3, 5)", true],
  ["timeRange(1, 2)", false],
  ["timeRange(11, 12)", false],
  ["timeRange(1, 0, 3, 34)", true],
  ["timeRange(3, 34, 1, 0)", true],
  ["timeRange(1, 0, 3, 35)", true],
  ["timeRange(3, 34, 5, 0)", true],
  ["timeRange(1, 0, 3, 0)", false],
  ["timeRange(11, 0, 16, 0)", false],
], "2009-03-03T03:34:01");

table("timeRange() at 03:34:14", [
  ["timeRange(1, 0, 0, 3, 34, 14)", true],
  ["timeRange(1, 0, 0, 3, 34, 0)", false],
  ["timeRange(1, 0, 0, 3, 35, 0)", true],
  ["timeRange(3, 34, 0, 5, 0, 0)", true],
  ["timeRange(1, 0, 0, 3, 0, 0)", false],
  ["timeRange(11, 0, 0, 16, 0, 0)", false],
], "2009-03-03T03:34:14");

table("look-ups of what is no name, and of names that do not exist", [
  ["dnsResolve()", null],
  ["dnsResolve(null)", null],
  ["dnsResolve(undefined)", null],
  ["dnsResolve({ foo: 'bar' })", null],
  ["dnsResolve(() => {})", null],
  ["dnsResolve(['host1'])", null],
  ['dnsResolve("host1", "arg2", "arg3")', "192.0.2.1"],
  ["myIpAddress(null, null)", "127.0.0.1"],
  ["myIpAddressEx()", ""],
  ['dnsResolve("not-found")', null],
  ['dnsResolveEx("not-found")', ""],
  ['isResolvable("not-found")', false],
  ['isResolvableEx("not-found")', false],
  ['dnsResolve("b\u00fccher.test")', "192.0.2.3"],
]);

/** What a script gives for a page, and the names that it looked up. */
async function run(source: string): Promise<{
  readonly places: readonly string[];
  readonly looked: readonly string[];
  readonly alerts: readonly string[];
}> {
  const looked: string[] = [];
  const alerts: string[] = [];
  using script = await PacScript.load(source, {
    resolve: resolving(looked),
    ownAddresses: () => ["192.0.2.77"],
    onAlert: (text) => alerts.push(text),
  });
  const places = await script.find(
    "http://www.google.com/path",
    new AbortController().signal,
  );
  return {
    places: places.map((each) =>
      each === "direct" ? each : formatUpstreamProxy(each)
    ),
    looked,
    alerts,
  };
}

Deno.test("PAC as in browsers: names are looked up while the script is loaded, and again later", async () => {
  const { places, looked, alerts } = await run(`
    var g_ips = [dnsResolve("host1"), dnsResolve("host2")];
    alert("loaded");
    function FindProxyForURL(url, host) {
      var ips = g_ips.concat([dnsResolve("host1"), dnsResolve("host2")]);
      return "PROXY " + ips.join("-") + ":99";
    }`);

  assert.deepEqual(places, [
    "http://192.0.2.1-192.0.2.2-192.0.2.1-192.0.2.2:99",
  ]);
  assert.deepEqual(looked.slice(0, 2), ["host1", "host2"]);
  assert.deepEqual(looked.slice(-2), ["host1", "host2"]);
  assert.equal(alerts.filter((text) => text === "loaded").length, 1);
});

Deno.test("PAC as in browsers: this machine's address is known while the script is loaded", async () => {
  const { places, looked } = await run(`
    var mine = myIpAddress();
    function FindProxyForURL() { return "PROXY " + mine + ":80" }`);

  assert.deepEqual([places, looked], [["http://192.0.2.77:80"], []]);
});

Deno.test("PAC: a script that looks up names without end while it is loaded is refused", async () => {
  await assert.rejects(
    run(`for (let at = 0; ; at += 1) dnsResolve("n" + at);`),
    /more than 32 names/,
  );
});

const WHOLE: readonly (readonly [
  what: string,
  source: string,
  places: readonly string[],
])[] = [
  ["an empty result", 'function FindProxyForURL() { return "" }', ["direct"]],
  [
    "URL and host",
    `function FindProxyForURL(url, host) {
      return "PROXY " + (url + host).replace(/[^a-z0-9]+/g, ".") + ":80" }`,
    ["http://http.www.google.com.pathwww.google.com:80"],
  ],
  [
    "a script that ends with a comment",
    'function FindProxyForURL() { return "PROXY success:80" } // end',
    ["http://success:80"],
  ],
  [
    "a script that ends without a semicolon",
    'FindProxyForURL = function() { return "PROXY success:80" }\nvar a = 1',
    ["http://success:80"],
  ],
  [
    "a script that has no WebAssembly",
    'function FindProxyForURL() { return "PROXY " + typeof WebAssembly + ":80" }',
    ["http://undefined:80"],
  ],
];

for (const [what, source, expected] of WHOLE) {
  Deno.test(`PAC as in browsers: ${what}`, async () => {
    assert.deepEqual((await run(source)).places, expected);
  });
}

const REFUSED: Readonly<Record<string, string>> = {
  "a number": "function FindProxyForURL() { return 5 }",
  "a function": "function FindProxyForURL() { return FindProxyForURL }",
  "an object": "function FindProxyForURL() { return { a: 1 } }",
  "text that is not ASCII":
    'function FindProxyForURL() { return "PROXY h\u00f6st:80" }',
  "an error": "function FindProxyForURL() { return undefined_variable }",
  "no function": "var a = 1;",
  "half a function": "function FindProxyForURL() { return 'DIRECT'",
  "an error when the function is read":
    "Object.defineProperty(globalThis, 'FindProxyForURL', { get() { throw 'crash!' } });",
};

for (const [what, source] of Object.entries(REFUSED)) {
  Deno.test(`PAC as in browsers: ${what} is a failure`, async () => {
    await assert.rejects(run(source), { name: "PacError" });
  });
}

/*
 * Where we differ from Chromium, and why:
 */
table("but host names are compared without case, as DNS does", [
  ['dnsDomainIs("WWW.Google.com", ".google.COM")', true],
]);

table("but a day with a month is that day: Chromium takes it for any", [
  ['dateRange(2, "MAR")', false],
  ['dateRange(3, "JAN")', false],
  ['dateRange(4, "MAR", 2009)', false],
  ['dateRange(3, "FEB", 2009)', false],
], "2009-03-03T12:00:00");

table("but isInNetEx() looks names up, as in Windows", [
  ['isInNetEx("host1", "192.0.2.0/24")', true],
]);

table("but a glob that is no regular expression is a glob, not an error", [
  ['shExpMatch("a(b", "a(*")', true],
  ['shExpMatch("ac", "a(*")', false],
]);

for (const value of ["undefined", "null"]) {
  Deno.test(`PAC: ${value} is a direct connection, which browsers make after their error`, async () => {
    const { places } = await run(
      `function FindProxyForURL() { return ${value} }`,
    );

    assert.deepEqual(places, ["direct"]);
  });
}

Deno.test("PAC: a script runs once when it is loaded, to find mistakes, and again after a look-up", async () => {
  const { alerts } = await run(`let count = 0;
    function FindProxyForURL() { alert(count++); dnsResolve("host1"); return "DIRECT" }`);

  assert.deepEqual(alerts, ["0", "1", "2", "3"]);
});
