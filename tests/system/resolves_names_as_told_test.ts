/** Promise: names lead where the user of the client says, and to his own machine only if he says so. @module */
import assert from "node:assert/strict";
import type { ClientOptions } from "../../src/client/options.ts";
import { parseHostOverride } from "../../src/net/names/host_overrides.ts";
import { parseHosts } from "../../src/net/names/hosts_file.ts";
import { startDnsServer, zone } from "../testing/dns_server.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { BrowserConnection, type Way, WAYS } from "../testing/browser.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";

/** Nothing listens here: what is sent here does not arrive. */
const ELSEWHERE = "127.0.0.2";
const HERE = "127.0.0.1";

/** A system whose client resolves names by `names` alone. */
function systemWith(
  names: NonNullable<ClientOptions["names"]>,
  proxyLocalhost: ClientOptions["proxyLocalhost"] = "allow",
): Promise<RunningSystem> {
  return runningSystem({
    client: {
      names,
      proxyLocalhost,
      resolve: () => Promise.resolve(undefined),
      dial: { attempts: 1 },
    },
  });
}

/** The status of the response to a request for `hostname`, and the reason of an error page. */
async function ask(
  system: RunningSystem,
  site: Origin,
  { hostname, way = "plain" }: {
    readonly hostname: string;
    readonly way?: Way;
  },
): Promise<string> {
  using browser = await BrowserConnection.open(system.proxy, {
    site,
    hostname,
    way,
  });
  const { status, get } = await browser.exchange("GET", "/status/200");
  const [reason] = get("X-Sallyport-Error")?.split(" ") ?? [];
  return [status, reason].filter((each) => each !== undefined).join(" ");
}

for (const way of WAYS) {
  Deno.test(`a name that only the DNS server knows is found (${way})`, async () => {
    await using site = await startOrigin();
    await using dns = await startDnsServer(zone({ "shop.internal": [HERE] }));
    await using system = await systemWith({ dnsServers: [dns.address] });

    const hostname = "shop.internal";
    assert.equal(await ask(system, site, { hostname, way }), "200");
  });
}

Deno.test("an unknown name and a DNS server that fails give different errors", async () => {
  await using site = await startOrigin();
  await using knowing = await startDnsServer(zone({}));
  await using failing = await startDnsServer(() => ({ code: "failed" }));
  await using system = await systemWith({ dnsServers: [knowing.address] });
  await using other = await systemWith({ dnsServers: [failing.address] });

  assert.equal(
    await ask(system, site, { hostname: "shop.internal" }),
    "502 name_not_found",
  );
  assert.equal(
    await ask(other, site, { hostname: "shop.internal" }),
    "502 dns_failed",
  );
});

Deno.test("the second DNS server gets the query in time when the first is dead", async () => {
  await using site = await startOrigin();
  await using dead = await startDnsServer(() => "silence");
  await using dns = await startDnsServer(zone({ "shop.internal": [HERE] }));
  await using system = await systemWith({
    dnsServers: [dead.address, dns.address],
    dnsTimeout: 1_000,
  });

  assert.equal(await ask(system, site, { hostname: "shop.internal" }), "200");
  assert.ok(dead.questions.length > 0);
});

Deno.test("overrides win over the hosts file, the hosts file over DNS", async () => {
  await using site = await startOrigin();
  await using dns = await startDnsServer(zone({
    "a.internal": [ELSEWHERE],
    "b.internal": [ELSEWHERE],
    "c.internal": [HERE],
  }));
  await using system = await systemWith({
    overrides: [parseHostOverride(`a.internal=${HERE}`)],
    hosts: parseHosts(`${ELSEWHERE} a.internal\n${HERE} b.internal\n`),
    dnsServers: [dns.address],
  });

  for (const name of ["a.internal", "b.internal", "c.internal"]) {
    assert.equal(await ask(system, site, { hostname: name }), "200", name);
  }
});

Deno.test("what a program resolves itself wins over overrides", async () => {
  await using site = await startOrigin();
  await using system = await runningSystem({
    client: {
      names: { overrides: [parseHostOverride(`a.internal=${ELSEWHERE}`)] },
      resolve: (name) =>
        Promise.resolve(name === "a.internal" ? [HERE] : undefined),
    },
  });

  assert.equal(await ask(system, site, { hostname: "a.internal" }), "200");
});

Deno.test("only the user's word makes a name lead to the client's machine", async () => {
  await using site = await startOrigin();
  await using dns = await startDnsServer(zone({ "theirs.internal": [HERE] }));
  await using system = await systemWith({
    overrides: [parseHostOverride(`*.local.test=${HERE}`)],
    hosts: parseHosts(`${HERE} mine.internal localhost\n`),
    dnsServers: [dns.address],
  }, "deny");

  assert.equal(await ask(system, site, { hostname: "a.local.test" }), "200");
  assert.equal(await ask(system, site, { hostname: "mine.internal" }), "200");
  for (const name of ["theirs.internal", "localhost", HERE]) {
    assert.equal(
      await ask(system, site, { hostname: name }),
      "403 denied_localhost",
      name,
    );
  }
});
