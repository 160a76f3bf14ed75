import assert from "node:assert/strict";
import {
  advertiser,
  type ExternalAddresses,
  externalHostsOf,
  externalSiteOf,
  type OpenPorts,
  tunnelPageUrl,
} from "../../../src/server/ports/advertise.ts";

const ALL = "0.0.0.0";
const HERE = "127.0.0.1";
const ONE: OpenPorts = {
  shared: { hostname: ALL, port: 8443 },
  tunnel: undefined,
  proxy: { hostname: HERE, port: 8080 },
  isHttpsProxy: true,
};
const THREE: OpenPorts = {
  ...ONE,
  tunnel: { hostname: ALL, port: 8444 },
  proxy: { hostname: ALL, port: 8080 },
};

/** What is said to who asks `https://lab.example:8443/`, in a few words. */
function saidBy(ports: OpenPorts, external: ExternalAddresses = {}) {
  const said = advertiser(external, () => ports)(
    new URL("https://lab.example:8443/rest"),
  );
  const { hostname, port, secure } = said.proxy;
  return [
    said.url,
    `${said.tunnel.hostname}:${said.tunnel.port}`,
    said.isTunnelAtServer,
    `${secure ? "https" : "http"}://${hostname}:${port}`,
    said.plainProxy.port,
  ].join(" ");
}

const OUT: ExternalAddresses = { externalUrl: "https://out.example" };

Deno.test.each<[string, string, string]>([
  [
    "one port",
    saidBy(ONE),
    "https://lab.example:8443 lab.example:8443 true https://lab.example:8443 8080",
  ],
  [
    "three ports",
    saidBy(THREE),
    "https://lab.example:8443 lab.example:8444 false http://lab.example:8080 8080",
  ],
  [
    "only this machine",
    saidBy({ ...ONE, shared: { hostname: HERE, port: 8443 } }),
    "https://lab.example:8443 lab.example:8443 true http://lab.example:8080 8080",
  ],
  [
    "no proxy without TLS",
    saidBy({ ...ONE, proxy: undefined }),
    "https://lab.example:8443 lab.example:8443 true https://lab.example:8443 8443",
  ],
  [
    "no HTTPS proxy",
    saidBy({ ...ONE, isHttpsProxy: false }),
    "https://lab.example:8443 lab.example:8443 true http://lab.example:8080 8080",
  ],
  [
    "--external-url",
    saidBy(ONE, OUT),
    "https://out.example out.example:443 true https://out.example:443 8080",
  ],
  [
    "--external-url, and clients apart",
    saidBy(THREE, OUT),
    "https://out.example out.example:8444 false http://out.example:8080 8080",
  ],
  [
    "all external addresses",
    saidBy(THREE, {
      ...OUT,
      externalTunnelAddress: { hostname: "tunnel.example", port: 444 },
      externalProxyAddress: {
        hostname: "proxy.example",
        port: 443,
        secure: true,
      },
    }),
    "https://out.example tunnel.example:444 false https://proxy.example:443 443",
  ],
  [
    "--external-host",
    saidBy(ONE, { externalHost: "name.example" }),
    "https://lab.example:8443 name.example:8443 true https://name.example:8443 8080",
  ],
])("advertiser() with %s", (_name, said, expected) => {
  assert.equal(said, expected);
});

Deno.test("externalHostsOf() names each host once", () => {
  const hosts = externalHostsOf({
    externalUrl: "https://[2001:db8::1]:8443",
    externalTunnelAddress: { hostname: "lab.example", port: 1 },
    externalProxyAddress: { hostname: "lab.example", port: 2, secure: true },
    externalHost: "other.example",
  });

  assert.deepEqual(hosts, ["2001:db8::1", "lab.example", "other.example"]);
  assert.deepEqual(externalHostsOf({}), []);
});

Deno.test("externalSiteOf() reads the URL", () => {
  assert.equal(externalSiteOf({}), undefined);
  assert.deepEqual(externalSiteOf(OUT), {
    hostname: "out.example",
    port: 443,
  });
});

Deno.test("the page of a tunnel is named only where its address can be opened", () => {
  const here = { hostname: HERE, port: 8080 };
  const all = { hostname: ALL, port: 8080 };
  const own = "https://127.0.0.1:8443/";

  assert.equal(tunnelPageUrl("a1", {}, own), `${own}tunnels/a1`);
  assert.equal(
    tunnelPageUrl("a1", { address: here, proxyAddress: "none" }, own),
    `${own}tunnels/a1`,
  );
  assert.equal(tunnelPageUrl("a1", {}, undefined), undefined);
  assert.equal(tunnelPageUrl("a1", { proxyAddress: all }, own), undefined);
  assert.equal(tunnelPageUrl("a1", { address: all }, own), undefined);
  assert.equal(
    tunnelPageUrl("a1", { ...OUT, proxyAddress: all }, own),
    "https://out.example/tunnels/a1",
  );
});
