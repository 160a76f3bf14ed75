/** Which proxies a client's options choose for a site. */
import assert from "node:assert/strict";
import {
  openUpstream,
  ownAddresses,
} from "../../../src/client/proxy/upstream.ts";
import { recordLog } from "../../testing/event_log.ts";

const { signal } = new AbortController();
const SITE = { hostname: "a.test", port: 80, secure: false };

const PROXY = {
  protocol: "http",
  hostname: "proxy.test",
  port: 3128,
  credentials: undefined,
} as const;

function resolve(): Promise<readonly string[]> {
  return Promise.resolve(["192.0.2.1"]);
}

Deno.test("without a proxy, sites are reached directly", async () => {
  await using log = await recordLog();
  using upstream = await openUpstream({}, resolve);
  assert.equal(upstream.choose, undefined);
  assert.deepEqual(
    log.all.map(({ level, message }) => [level, message]),
    [["info", "no upstream proxy specified"]],
  );
});

Deno.test("one proxy is for all sites", async () => {
  await using log = await recordLog();
  using upstream = await openUpstream({ upstreamProxy: PROXY }, resolve);
  assert.deepEqual(await upstream.choose?.(SITE, signal), [PROXY]);
  assert.deepEqual(
    log.all.map(({ message, fields }) => [message, fields]),
    [["using upstream proxy", { address: "proxy.test:3128" }]],
  );
});

/** A script that tells the URL it is asked about. */
const ECHO = `function FindProxyForURL(url, host) {
  alert(url);
  return host === "direct.test" ? "DIRECT" : "PROXY p.test:8080; DIRECT";
}`;

/** Site → the URL that the script sees. */
const URLS = [
  [{ hostname: "a.test", port: 80, secure: false }, "http://a.test:80/"],
  [{ hostname: "a.test", port: 8080, secure: false }, "http://a.test:8080/"],
  [{ hostname: "a.test", port: 443, secure: false }, "https://a.test:443/"],
  [{ hostname: "a.test", port: 8443, secure: true }, "https://a.test:8443/"],
] as const;

Deno.test("a PAC script sees each site by its URL", async () => {
  await using log = await recordLog();
  using upstream = await openUpstream({ pacText: ECHO }, resolve);
  assert.equal(log.all[0]?.message, "using PAC proxy");
  for (const [site, url] of URLS) {
    const chosen = await upstream.choose?.(site, signal);
    assert.equal(chosen?.length, 2);
    await log.seen("alert of the PAC", { text: url });
  }
});

Deno.test("a proxy and a PAC together are refused", async () => {
  await assert.rejects(
    openUpstream({ upstreamProxy: PROXY, pacText: ECHO }, resolve),
    {
      name: "TypeError",
      message: "Cannot use upstreamProxy together with pacText",
    },
  );
});

Deno.test("a broken PAC is refused at once", async () => {
  await assert.rejects(openUpstream({ pacText: "function (" }, resolve), {
    name: "PacError",
  });
});

Deno.test("own addresses are neither loopback nor link-local", () => {
  for (const address of ownAddresses()) {
    assert.doesNotMatch(address, /^(?:127\.|::1$|fe80:)/);
  }
});

Deno.test("ownAddresses() begins with the one that reaches the server", () => {
  const all = ownAddresses();
  for (const each of all) {
    const [first, ...others] = ownAddresses(each);
    assert.equal(first, each);
    assert.deepEqual(
      others.toSorted(),
      all.filter((ip) => ip !== each).toSorted(),
    );
  }
});

Deno.test("ownAddresses() has no address of loopback, and none that is not here", () => {
  assert.deepEqual(ownAddresses("127.0.0.1"), ownAddresses());
  assert.deepEqual(ownAddresses("192.0.2.1"), ownAddresses());
});

Deno.test("myIpAddress() of a PAC follows the connection to the server", async () => {
  const ips = ownAddresses().filter((ip) => !ip.includes(":"));
  let towards: string | undefined;
  using upstream = await openUpstream(
    {
      pacText: "function FindProxyForURL() {" +
        ' return "PROXY " + myIpAddress() + ":1"; }',
    },
    () => Promise.resolve(undefined),
    () => towards,
  );
  const target = { hostname: "a.test", port: 80, secure: false };
  const chosen = async () =>
    (await upstream.choose?.(target, new AbortController().signal))?.map((
      each,
    ) => each === "direct" ? each : each.hostname);

  for (const ip of ips) {
    towards = ip;
    assert.deepEqual(await chosen(), [ip]);
  }
});

Deno.test("the address towards the server comes first, if it is one of them", () => {
  const all = ownAddresses();
  assert.deepEqual(ownAddresses("203.0.113.77"), all);
  const last = all.at(-1);
  if (last === undefined) return;
  const turned = ownAddresses(last);
  assert.equal(turned[0], last);
  assert.deepEqual(turned.toSorted(), all.toSorted());
});
