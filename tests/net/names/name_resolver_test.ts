/** @module */
import assert from "node:assert/strict";
import { parseHostOverride } from "../../../src/net/names/host_overrides.ts";
import { parseHosts } from "../../../src/net/names/hosts_file.ts";
import {
  addressesOf,
  createNameResolver,
  firstName,
  fromNetwork,
  fromUser,
  type NameResolver,
  type NameSettings,
} from "../../../src/net/names/name_resolver.ts";
import { tableResolver } from "../../../src/net/names/resolver.ts";
import { SystemHosts } from "../../../src/net/names/system_hosts.ts";
import { startDnsServer, zone } from "../../testing/dns_server.ts";

const { signal } = new AbortController();

/** A name for each source, which is in all sources below it too. */
const OVERRIDDEN = "overridden.test";
const IN_FILE = "in-file.test";
const IN_SYSTEM = "in-system.test";
const IN_DNS = "in-dns.test";

/** All sources at once, on a machine called `box`. */
async function start(settings: NameSettings = {}) {
  await using stack = new AsyncDisposableStack();
  const dns = stack.use(
    await startDnsServer(zone({
      [OVERRIDDEN]: ["10.0.0.4"],
      [IN_FILE]: ["10.0.0.4"],
      [IN_SYSTEM]: ["10.0.0.4"],
      [IN_DNS]: ["10.0.0.4"],
    })),
  );
  const path = await Deno.makeTempFile();
  stack.defer(() => Deno.remove(path));
  await Deno.writeTextFile(
    path,
    `10.0.0.3 ${OVERRIDDEN} ${IN_FILE} ${IN_SYSTEM}\n127.0.1.1 box\n`,
  );
  const resolve = createNameResolver({
    overrides: [parseHostOverride(`${OVERRIDDEN}=10.0.0.1`)],
    hosts: parseHosts(`10.0.0.2 ${OVERRIDDEN} ${IN_FILE}`),
    dnsServers: [dns.address],
    ...settings,
  }, { systemHosts: new SystemHosts(path, { machine: "box" }) });
  const parts = stack.move();
  return {
    dns,
    resolve: (name: string) => resolve(name, signal),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

Deno.test("createNameResolver() looks in overrides, hosts file, the system's hosts file, DNS servers", async () => {
  await using names = await start();

  for (
    const [name, address, source] of [
      [OVERRIDDEN, "10.0.0.1", "user"],
      [IN_FILE, "10.0.0.2", "user"],
      [IN_SYSTEM, "10.0.0.3", "user"],
      [IN_DNS, "10.0.0.4", "network"],
    ] as const
  ) {
    assert.deepEqual(await names.resolve(name), {
      addresses: [address],
      source,
    });
  }
  assert.deepEqual(names.dns.questions.toSorted(), [
    `A ${IN_DNS}`,
    `AAAA ${IN_DNS}`,
  ]);
});

Deno.test("createNameResolver() uses DNS servers in place of the system", async () => {
  await using names = await start();
  await using without = await start({ dnsServers: [] });

  assert.equal(await names.resolve("unknown.test"), undefined);
  assert.equal(await without.resolve(IN_DNS), undefined);
  assert.deepEqual(without.dns.questions, []);
});

Deno.test("createNameResolver() sends no query about this machine", async () => {
  await using names = await start();

  assert.deepEqual(await names.resolve("box"), {
    addresses: ["127.0.1.1"],
    source: "network",
  });
  assert.deepEqual(await names.resolve("a.localhost"), {
    addresses: ["127.0.0.1", "::1"],
    source: "network",
  });
  assert.deepEqual(names.dns.questions, []);
});

Deno.test("createNameResolver() uses the system when there is nothing else", async () => {
  const found = await createNameResolver({})("localhost", signal);

  assert.equal(found?.source, "network");
  assert.ok(
    found.addresses.some((ip) => ip === "127.0.0.1" || ip === "::1"),
  );
});

Deno.test("firstName() tries another resolver when one does not know the name", async () => {
  const resolve = firstName(
    fromUser(tableResolver({ "a.test": [] })),
    fromNetwork(tableResolver({ "a.test": ["10.0.0.1"] })),
    fromUser(tableResolver({ "a.test": ["10.0.0.2"] })),
  );

  assert.deepEqual(await resolve("a.test", signal), {
    addresses: ["10.0.0.1"],
    source: "network",
  });
  assert.equal(await resolve("b.test", signal), undefined);
});

Deno.test("firstName() gives an IP address to no resolver", async () => {
  const untouched: NameResolver = () => assert.fail("The resolver was asked");

  for (const ip of ["127.0.0.1", "::1"]) {
    assert.deepEqual(await firstName(untouched)(ip, signal), {
      addresses: [ip],
      source: "network",
    });
  }
});

Deno.test("fromNetwork() stops waiting when the signal is aborted", async () => {
  const stop = new AbortController();
  const resolving = fromNetwork(() => new Promise(() => {}))(
    "a.test",
    stop.signal,
  );

  stop.abort(new RangeError("enough"));

  await assert.rejects(resolving, { message: "enough" });
});

Deno.test("addressesOf() gives the addresses alone", async () => {
  const resolve = addressesOf(
    fromUser(tableResolver({ "a.test": ["10.0.0.1"] })),
  );

  assert.deepEqual(await resolve("a.test", signal), ["10.0.0.1"]);
  assert.equal(await resolve("b.test", signal), undefined);
});
