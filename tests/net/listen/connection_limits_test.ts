import assert from "node:assert/strict";
import { AcceptedConnection } from "../../../src/net/listen/accepted_connection.ts";
import {
  ConnectionLimits,
  type ConnectionLimitsOptions,
  type Refusal,
} from "../../../src/net/listen/connection_limits.ts";

/** A socket that was accepted from `address`, as far as limits look at it. */
function conn(address: string): Deno.TcpConn {
  const remoteAddr = { transport: "tcp", hostname: address, port: 1 };
  return { remoteAddr, close() {} } as unknown as Deno.TcpConn;
}

function connection(address: string, port = "proxy"): AcceptedConnection {
  return new AcceptedConnection(conn(address), { port, openedAt: 0 });
}

function world(options: ConnectionLimitsOptions = {}): {
  readonly limits: ConnectionLimits;
  readonly refusals: Refusal[];
} {
  const refusals: Refusal[] = [];
  const limits = new ConnectionLimits({
    onRefusal: (refusal) => refusals.push(refusal),
    countFreeFiles: (atMost) => atMost,
    ...options,
  });
  return { limits, refusals };
}

/** Enters `count` connections; gives those that were taken. */
function enter(
  limits: ConnectionLimits,
  count: number,
  make: (index: number) => AcceptedConnection,
): AcceptedConnection[] {
  return Array.from({ length: count }, (_, index) => make(index))
    .filter((each) => limits.enter(each));
}

Deno.test("ConnectionLimits: the oldest pending connection of an address gives way to its newest", () => {
  const { limits, refusals } = world({ max: 80 });

  const pending = enter(limits, 11, () => connection("192.0.2.1"));

  assert.equal(pending.length, 11);
  assert.equal(pending.at(0)?.isClosed, true);
  assert.equal(pending.at(1)?.isClosed, false);
  assert.deepEqual(refusals, [
    { reason: "gave_way", port: "proxy", address: "192.0.2.1" },
  ]);
});

Deno.test("ConnectionLimits: a flood from one address leaves every other its place", () => {
  const { limits } = world({ max: 80 });
  const [browser] = enter(limits, 1, () => connection("198.51.100.1"));
  assert.ok(browser);

  for (let index = 0; index < 1_000; index++) {
    const each = connection(
      "192.0.2.1",
      ["rest", "tunnel", "proxy"][index % 3],
    );
    limits.enter(each);
    if (each.isClosed) limits.leave(each);
  }

  assert.equal(browser.isClosed, false);
  const next = connection("198.51.100.2");
  assert.equal(limits.enter(next), true);
});

Deno.test("ConnectionLimits: an address may have three quarters of all, another the rest", () => {
  const { limits, refusals } = world({ max: 80 });

  const one = enter(limits, 80, () => {
    const made = connection("192.0.2.1", "rest");
    queueMicrotask(() => {});
    return made;
  });
  one.forEach((each) => each.admit());
  for (const each of one) if (each.isClosed) limits.leave(each);
  let admitted = one.filter((each) => !each.isClosed).length;
  while (true) {
    const each = connection("192.0.2.1", admitted % 2 ? "rest" : "proxy");
    if (!limits.enter(each)) break;
    each.admit();
    admitted += 1;
  }

  assert.equal(admitted, 60);
  assert.equal(refusals.at(-1)?.reason, "address");
  assert.equal(limits.enter(connection("192.0.2.2")), true);
});

Deno.test("ConnectionLimits: addresses of one IPv6 /64 are one", () => {
  const { limits } = world({ max: 80, maxPerAddress: 2 });

  for (const address of ["2001:db8::1", "2001:db8::2"]) {
    const each = connection(address);
    assert.equal(limits.enter(each), true);
    each.admit();
  }

  assert.equal(limits.enter(connection("2001:db8::ffff")), false);
  assert.equal(limits.enter(connection("2001:db8:0:1::1")), true);
});

Deno.test("ConnectionLimits: one port may have three quarters of all", () => {
  const { limits, refusals } = world({ max: 80 });
  let admitted = 0;
  while (true) {
    const each = connection(`192.0.2.${admitted}`, "tunnel");
    if (!limits.enter(each)) break;
    each.admit();
    admitted += 1;
  }

  assert.equal(admitted, 60);
  assert.equal(refusals.at(-1)?.reason, "port");
  assert.equal(limits.enter(connection("192.0.2.250", "proxy")), true);
});

Deno.test("ConnectionLimits: with all places taken by logins that are right, a new connection is refused", () => {
  const { limits, refusals } = world({ max: 16 });
  let admitted = 0;
  while (true) {
    const port = admitted % 2 === 0 ? "tunnel" : "proxy";
    const each = connection(`192.0.2.${admitted}`, port);
    if (!limits.enter(each)) break;
    each.admit();
    admitted += 1;
  }

  assert.equal(admitted, 16);
  assert.equal(refusals.at(-1)?.reason, "total");
});

Deno.test("ConnectionLimits: half of the files is the most", () => {
  const { limits } = world({
    countFreeFiles: (atMost) => Math.min(atMost, 280),
  });
  let admitted = 0;
  while (true) {
    const each = connection(`192.0.2.${admitted}`, `port${admitted % 9}`);
    if (!limits.enter(each)) break;
    each.admit();
    admitted += 1;
  }

  assert.equal(admitted, 140);
  assert.equal(limits.max, 140);
});

Deno.test("ConnectionLimits: files are counted as connections grow, no more often", () => {
  const counted: number[] = [];
  const { limits } = world({
    max: 2_000,
    countFreeFiles(atMost) {
      counted.push(atMost);
      return atMost;
    },
  });

  for (let index = 0; index < 600; index++) {
    const port = ["rest", "proxy"][index % 2];
    const each = connection(`192.0.${index % 8}.${index % 256}`, port);
    limits.enter(each);
    each.admit();
  }

  assert.deepEqual(counted, [512, 768, 1536]);
});

Deno.test("ConnectionLimits: out of files, half of what is open is the limit from then on", () => {
  let out = 0;
  const { limits } = world({ max: 100, onOutOfFiles: () => out++ });
  const open = enter(limits, 40, (index) => connection(`192.0.2.${index}`));

  limits.outOfFiles();

  assert.equal(limits.max, 20);
  assert.equal(open.filter((each) => each.isClosed).length, 20);
  assert.equal(limits.timesOutOfFiles, 1);
  assert.equal(out, 1);
});

Deno.test("ConnectionLimits: places of connections that have ended are free", () => {
  const { limits } = world({ max: 16 });

  for (let round = 0; round < 100; round++) {
    const each = connection("192.0.2.1");
    assert.equal(limits.enter(each), true);
    if (round % 2 === 0) each.admit();
    limits.leave(each);
  }

  assert.equal(limits.size, 0);
  assert.equal(limits.ports.get("proxy")?.open, 0);
  assert.equal(limits.ports.get("proxy")?.pending, 0);
});
