/** The order in which DNS servers are asked. */
import assert from "node:assert/strict";
import { DnsServers } from "../../../src/net/names/dns_servers.ts";
import { recordLog } from "../../testing/event_log.ts";

const A = { hostname: "192.0.2.1", port: 53 };
const B = { hostname: "192.0.2.2", port: 53 };
const C = { hostname: "192.0.2.3", port: 5353 };

const LONG = 60_000;

function orders(servers: DnsServers, count: number): string[] {
  return Array.from(
    { length: count },
    () => servers.next().map(({ hostname }) => hostname.slice(-1)).join(""),
  );
}

Deno.test("servers keep their order", () => {
  assert.deepEqual(orders(new DnsServers([A, B, C]), 2), ["123", "123"]);
  assert.deepEqual(orders(new DnsServers([]), 1), [""]);
});

Deno.test("servers that take turns begin with the next one each time", () => {
  const servers = new DnsServers([A, B, C], { roundRobin: true });
  assert.deepEqual(orders(servers, 4), ["123", "231", "312", "123"]);
});

Deno.test("a silent server is the last until it responds", () => {
  const servers = new DnsServers([A, B, C], { rest: LONG });
  servers.wasSilent(A);
  assert.deepEqual(orders(servers, 1), ["231"]);
  servers.wasSilent(B);
  assert.deepEqual(orders(servers, 1), ["312"]);
  servers.hasAnswered(A);
  assert.deepEqual(orders(servers, 1), ["132"]);
});

Deno.test("all servers have their turn when all are silent", () => {
  const servers = new DnsServers([A, B], { rest: LONG });
  servers.wasSilent(A);
  servers.wasSilent(B);
  assert.deepEqual(orders(servers, 1), ["12"]);
});

Deno.test("a silent server is the last by default", () => {
  const servers = new DnsServers([A, B]);
  servers.wasSilent(A);
  assert.deepEqual(orders(servers, 1), ["21"]);
});

Deno.test("a server that has rested has its turn again", () => {
  const servers = new DnsServers([A, B], { rest: 0 });
  servers.wasSilent(A);
  assert.deepEqual(orders(servers, 1), ["12"]);
});

Deno.test("a silent server is reported once while it rests", async () => {
  await using log = await recordLog();
  const servers = new DnsServers([A, C], { rest: LONG });
  servers.wasSilent(C);
  servers.wasSilent(C);
  servers.wasSilent(A);
  servers.hasAnswered(C);
  servers.wasSilent(C);

  const lines = log.matching("DNS server does not respond");
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields["server"]]),
    [
      ["warn", "192.0.2.3:5353"],
      ["warn", "192.0.2.1:53"],
      ["warn", "192.0.2.3:5353"],
    ],
  );
});
