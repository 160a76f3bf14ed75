import assert from "node:assert/strict";
import { formatUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { tableResolver } from "../../src/net/names/resolver.ts";
import { PacError } from "../../src/pac/errors.ts";
import { PacScript } from "../../src/pac/pac_script.ts";

const resolve = tableResolver({
  "in.test": ["10.1.2.3"],
  "six.test": ["2001:db8::7"],
  "both.test": ["2001:db8::8", "192.0.2.8"],
});
const OPTIONS = {
  resolve,
  ownAddresses: () => ["2001:db8::1", "192.0.2.1"],
} as const;

/** What a script returns, one text for each place. */
async function ask(
  source: string,
  url = "http://in.test/",
): Promise<readonly string[]> {
  using script = await PacScript.load(source, OPTIONS);
  const found = await script.find(url, new AbortController().signal);
  return found.map((each) =>
    each === "direct" ? each : formatUpstreamProxy(each)
  );
}

/** The value of an expression that a script computes. */
async function valueOf(expression: string): Promise<string> {
  const alerts: string[] = [];
  using _script = await PacScript.load(
    `function FindProxyForURL() { alert(JSON.stringify(${expression}) ?? "none"); return "DIRECT" }`,
    { ...OPTIONS, onAlert: (text) => alerts.push(text) },
  );
  return alerts.at(-1) ?? "";
}

for (
  const [expression, expected] of [
    ['isPlainHostName("www")', "true"],
    ['isPlainHostName("www.test")', "false"],
    ['dnsDomainIs("www.Shop.test", ".shop.test")', "true"],
    ['dnsDomainIs("shop.test.evil", ".shop.test")', "false"],
    ['localHostOrDomainIs("www", "www.shop.test")', "true"],
    ['localHostOrDomainIs("home.shop.test", "www.shop.test")', "false"],
    ['dnsDomainLevels("www.shop.test")', "2"],
    ['isResolvable("in.test")', "true"],
    ['isResolvable("six.test")', "false"],
    ['isResolvableEx("six.test")', "true"],
    ['isResolvable("nowhere.test")', "false"],
    ['dnsResolve("both.test")', '"192.0.2.8"'],
    ['dnsResolve("nowhere.test")', "null"],
    ['dnsResolveEx("both.test")', '"2001:db8::8;192.0.2.8"'],
    ['dnsResolveEx("nowhere.test")', '""'],
    ["myIpAddress()", '"192.0.2.1"'],
    ["myIpAddressEx()", '"2001:db8::1;192.0.2.1"'],
    ['convert_addr("10.0.0.1")', "167772161"],
    ['isInNet("in.test", "10.0.0.0", "255.0.0.0")', "true"],
    ['isInNet("192.0.2.200", "192.0.2.128", "255.255.255.128")', "true"],
    ['isInNet("192.0.2.7", "192.0.2.128", "255.255.255.128")', "false"],
    ['isInNet("nowhere.test", "0.0.0.0", "0.0.0.0")', "false"],
    ['isInNetEx("six.test", "2001:db8::/32")', "true"],
    ['isInNetEx("in.test", "2001:db8::/32")', "false"],
    ['isInNetEx("in.test", "10.1.0.0/15")', "true"],
    [
      'sortIpAddressList("192.0.2.2;2001:db8::2;10.0.0.1;2001:db8::1")',
      '"2001:db8::1;2001:db8::2;10.0.0.1;192.0.2.2"',
    ],
    ['sortIpAddressList("nonsense")', "false"],
    ["getClientVersion()", '"1.0"'],
    ['shExpMatch("http://shop.test/a/b", "*/a/*")', "true"],
    ['shExpMatch("http://shop.test/", "*.test")', "false"],
    ['shExpMatch("a.c", "a?c")', "true"],
    ['shExpMatch("axc", "a.c")', "false"],
    ['weekdayRange("SUN", "SAT")', "true"],
    ['weekdayRange("SUN", "SAT", "GMT")', "true"],
    ['dateRange("JAN", "DEC")', "true"],
    ["dateRange(1, 31)", "true"],
    ["dateRange(1999)", "false"],
    ['dateRange(1, "JAN", 1999, 31, "DEC", 2000, "GMT")', "false"],
    ["timeRange(0, 23)", "true"],
    ["timeRange(0, 0, 0, 23, 59, 59)", "true"],
  ] as const
) {
  Deno.test(`PAC: ${expression} is ${expected}`, async () => {
    assert.equal(await valueOf(expression), expected);
  });
}

for (
  const [answer, places] of [
    ["DIRECT", ["direct"]],
    ["", ["direct"]],
    ["PROXY a.test:3128", ["http://a.test:3128"]],
    ["proxy a.test; direct", ["http://a.test:80", "direct"]],
    ["HTTPS a.test", ["https://a.test:443"]],
    [
      "SOCKS5 a.test:9; SOCKS b.test; SOCKS4 c.test; HTTP [::1]:1",
      ["socks5://a.test:9", "socks5://b.test:1080", "http://[::1]:1"],
    ],
  ] as const
) {
  Deno.test(`PAC: the result "${answer}" is parsed`, async () => {
    const source = `function FindProxyForURL() { return ${
      JSON.stringify(answer)
    } }`;

    assert.deepEqual(await ask(source), places);
  });
}

Deno.test("PAC: the script sees URL and host, and FindProxyForURLEx wins", async () => {
  const source = `
    function FindProxyForURL() { return "DIRECT" }
    function FindProxyForURLEx(url, host) {
      return host === "::1" && url === "https://[::1]:8443/" ? "PROXY a:1" : "DIRECT";
    }`;

  assert.deepEqual(await ask(source, "https://[::1]:8443/"), ["http://a:1"]);
});

for (
  const [what, source, why] of [
    ["no function", "var a = 1", /it has no function FindProxyForURL/],
    ["no script", "function (", /SyntaxError/],
    ["an error", "function FindProxyForURL() { return x.y }", /ReferenceError/],
    [
      "an answer that says nothing",
      'function FindProxyForURL() { return "CARRIER PIGEON" }',
      /Cannot use the result of the PAC "CARRIER PIGEON"/,
    ],
    [
      "an endless loop",
      "function FindProxyForURL() { while (true) {} }",
      /it took longer than 1000 ms/,
    ],
    [
      "an error with the engine's own words",
      'function FindProxyForURL() { throw new Error("interrupted") }',
      /Cannot use the PAC: Error: interrupted/,
    ],
    [
      "greed",
      "function FindProxyForURL() { let a = ['x']; while (true) a = a.concat(a) }",
      /out of memory|longer than/,
    ],
    [
      "a look-up without end",
      "let n = 0; function FindProxyForURL() { while (true) isResolvable('n' + n++) }",
      /more than 32 names|longer than/,
    ],
  ] as const
) {
  Deno.test(`PAC: ${what} is refused at the start`, async () => {
    await assert.rejects(PacScript.load(source, OPTIONS), (error: Error) => {
      assert.ok(error instanceof PacError);
      assert.match(error.message, why);
      return true;
    });
  });
}

for (
  const [now, expression, expected] of [
    ["2026-12-24T12:00", 'dateRange(24, "DEC")', "true"],
    ["2026-11-27T12:00", 'dateRange(24, "DEC")', "false"],
    ["1995-12-24T12:00", 'dateRange(24, "DEC", 1995)', "true"],
    ["2026-11-27T12:00", 'dateRange(24, "DEC", 1995)', "false"],
    ["2026-01-05T12:00", 'dateRange(20, "DEC", 10, "JAN")', "true"],
    ["2026-11-27T12:00", 'dateRange(20, "DEC", 10, "JAN")', "false"],
    ["2026-11-27T17:30", "timeRange(9, 17)", "true"],
    ["2026-11-27T18:00", "timeRange(9, 17)", "false"],
    ["2026-11-27T23:59", "timeRange(0, 23)", "true"],
    ["2026-11-27T17:30:59", "timeRange(9, 0, 17, 30)", "true"],
    ["2026-11-27T17:31", "timeRange(9, 0, 17, 30)", "false"],
    ["2026-11-27T00:00:31", "timeRange(0, 0, 0, 0, 0, 30)", "false"],
    ["2026-11-27T03:00", "timeRange(22, 6)", "true"],
    ["2026-11-27T12:00", 'isInNetEx("10.1.2.3", "192.0.2.0/")', "false"],
  ] as const
) {
  Deno.test(`PAC: at ${now}, ${expression} is ${expected}`, async () => {
    assert.equal(
      await valueOf(`(() => {
        const Real = Date;
        Date = class extends Real { constructor() { super("${now}") } };
        return ${expression};
      })()`),
      expected,
    );
  });
}

/** A script that does something for one host only, and so passes the start. */
function forOneHost(what: string): string {
  return `const kept = [];
    function FindProxyForURL(url, host) {
      if (host === "one.test") { ${what} }
      return "DIRECT";
    }`;
}

Deno.test("PAC: what a script keeps is bounded, however small its pieces", async () => {
  using script = await PacScript.load(
    forOneHost('kept.push(("x" + kept.length).repeat(1_000_000))'),
    OPTIONS,
  );
  const { signal } = new AbortController();

  await assert.rejects(async () => {
    // 100 pieces of 2 MB at least.
    for (let at = 0; at < 100; at += 1) {
      await script.find("http://one.test/", signal);
    }
  }, (error: Error) => {
    assert.ok(error instanceof PacError);
    assert.match(error.message, /out of memory/);
    return true;
  });
});

Deno.test("PAC: the time limit is that of a question, not of each run", async () => {
  using script = await PacScript.load(
    // Six runs of 400 ms each: it is run again for each name.
    forOneHost(`for (const end = Date.now() + 400; Date.now() < end;);
      for (let at = 0; at < 5; at += 1) isResolvable("n" + at);`),
    OPTIONS,
  );
  const { signal } = new AbortController();

  await assert.rejects(
    script.find("http://one.test/", signal),
    /it took longer than 1000 ms/,
  );
});

Deno.test("PAC: a script that catches everything gets its names all the same", async () => {
  const source = `function FindProxyForURL(url, host) {
    let ip = "none";
    try { ip = dnsResolve(host) } catch { /* as they say in forums */ }
    return "PROXY " + ip + ":1";
  }`;

  assert.deepEqual(await ask(source), ["http://10.1.2.3:1"]);
});

Deno.test("PAC: the script reaches nothing outside the engine", async () => {
  const names = ["Deno", "fetch", "require", "process", "XMLHttpRequest"];
  for (const name of names) {
    assert.equal(await valueOf(`typeof ${name}`), '"undefined"');
  }
});

Deno.test("PAC: a run behind one that hangs is started again in a new worker", async () => {
  using script = await PacScript.load(
    // The engine does not look at the clock in here.
    forOneHost("[].indexOf.call({ length: 2 ** 53 - 1 }, 1)"),
    OPTIONS,
  );
  const { signal } = new AbortController();

  const [hung, ...others] = await Promise.allSettled(
    ["one", "two", "three"].map((name) =>
      script.find(`http://${name}.test/`, signal)
    ),
  );

  assert.ok(hung?.status === "rejected" && hung.reason instanceof PacError);
  assert.match(hung.reason.message, /it did not return within 5000 ms/);
  for (const other of others) {
    assert.deepEqual(other, { status: "fulfilled", value: ["direct"] });
  }
});

Deno.test("PAC: a look-up without a response ends with its run", async () => {
  const started = Promise.withResolvers<void>();
  const never = () => {
    started.resolve();
    return new Promise<undefined>(() => {});
  };
  using script = await PacScript.load(forOneHost("isResolvable(host)"), {
    resolve: never,
    answerLimit: 500,
  });
  const aborter = new AbortController();

  const aborted = script.find("http://one.test/", aborter.signal);
  const late = script.find("http://one.test/", new AbortController().signal);
  const failures = Promise.allSettled([aborted, late]);
  await started.promise;
  aborter.abort(new Error("the browser has gone"));

  await assert.rejects(aborted, /the browser has gone/);
  await assert.rejects(late, /it gave no result within 500 ms/);
  await failures;
});
