/** Promise: DNS servers of the user's choice, one after the other or in turn, with real dnsmasq. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { type Dnsmasq, startDnsmasq } from "../testing/dnsmasq.ts";
import { get } from "../testing/browser.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

const NEEDS = needs("dnsmasq");

/** Asks for pages of hosts that only the DNS servers know; returns their statuses. */
async function statusesOf(
  args: readonly string[],
  hosts: readonly string[],
): Promise<readonly number[]> {
  await using origin = await startOrigin();
  await using server = await startServerProgram();
  await using _client = await startClientProgram(server, { args });
  const { proxy } = server;
  const statuses = [];
  for (const host of hosts) {
    const page = await get(`http://${host}:${origin.port}/bytes/1`, proxy);
    statuses.push(page.status);
  }
  return statuses;
}

function flagsFor(...servers: readonly Pick<Dnsmasq, "port">[]): string[] {
  return servers.map(({ port }) => `--dns-server=127.0.0.1:${port}`);
}

/** A port where datagrams are taken and get no reply. */
async function startSilence(): Promise<AsyncDisposable & { port: number }> {
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, "127.0.0.1", resolve);
  await promise;
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      socket.close(() => closed.resolve());
      return closed.promise;
    },
  };
}

Deno.test({
  ...NEEDS,
  name: "a name that only the DNS server knows is found, others are not",
  async fn() {
    await using dns = await startDnsmasq({ "shop.internal": "127.0.0.1" });
    const hosts = ["shop.internal", "www.shop.internal", "other.internal"];
    const statuses = await statusesOf(flagsFor(dns), hosts);

    assert.deepEqual(statuses, [200, 200, 502]);
    await dns.told(/query\[A\] shop\.internal from 127\.0\.0\.1/);
  },
});

Deno.test({
  ...NEEDS,
  name: "a dead first DNS server is followed by the second in time",
  async fn() {
    await using silence = await startSilence();
    await using dns = await startDnsmasq({ "shop.internal": "127.0.0.1" });
    const statuses = await statusesOf(
      [...flagsFor(silence, dns), "--dns-timeout=2s"],
      ["shop.internal"],
    );

    assert.deepEqual(statuses, [200]);
  },
});

Deno.test({
  ...NEEDS,
  name:
    "the first DNS server gets all queries; with --dns-round-robin both get some",
  async fn() {
    const hosts = ["a.internal", "b.internal", "c.internal", "d.internal"];
    const names = { internal: "127.0.0.1" };
    for (const turns of [false, true]) {
      await using one = await startDnsmasq(names);
      await using two = await startDnsmasq(names);
      const statuses = await statusesOf(
        [...flagsFor(one, two), ...turns ? ["--dns-round-robin"] : []],
        hosts,
      );

      assert.deepEqual(statuses, [200, 200, 200, 200]);
      await one.told(/query\[A\] a\.internal/);
      if (turns) await two.told(/query\[A\] [b-d]\.internal/);
      else assert.doesNotMatch(two.said, /query\[/);
    }
  },
});
