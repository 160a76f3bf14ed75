/** Bytes to and from a SOCKS 5 proxy, and each of its refusals. */
import assert from "node:assert/strict";
import type { Address } from "../../../src/net/address/address.ts";
import { DialError } from "../../../src/net/dial_error.ts";
import {
  connectBySocks5,
  SocksProxyError,
} from "../../../src/net/socks5/socks5_client.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

const TARGET: Address = { hostname: "a.test", port: 0x0102 };
const LOGIN = { username: "us", password: "pw" };
const NAME = [6, 97, 46, 116, 101, 115, 116];
const OK = [5, 0, 0, 1, 9, 9, 9, 9, 9, 9];

/** Connects through a proxy that sends these bytes; what it was sent, and what is left. */
async function connect(
  bytes: readonly number[],
  target: Address = TARGET,
  credentials?: typeof LOGIN,
): Promise<{ sent: readonly number[]; left: readonly number[] }> {
  const [near, far] = createMemoryDuplex();
  await far.write(Uint8Array.from(bytes));
  await far.closeWrite();
  await connectBySocks5(near, target, credentials);
  await near.closeWrite();
  return { sent: await all(far), left: await all(near) };
}

async function all(
  reader: { read(into: Uint8Array): Promise<number | null> },
): Promise<readonly number[]> {
  const bytes: number[] = [];
  const into = new Uint8Array(99);
  for (;;) {
    const count = await reader.read(into);
    if (count === null) return bytes;
    bytes.push(...into.subarray(0, count));
  }
}

Deno.test("connectBySocks5() names the host, and needs no login", async () => {
  const { sent, left } = await connect([5, 0, ...OK, 7, 8]);
  assert.deepEqual(sent, [5, 1, 0, 5, 1, 0, 3, ...NAME, 1, 2]);
  assert.deepEqual(left, [7, 8]);
});

Deno.test("connectBySocks5() sends an address of either kind", async () => {
  const v4 = await connect([5, 0, ...OK], { hostname: "10.0.0.1", port: 80 });
  assert.deepEqual(v4.sent.slice(3), [5, 1, 0, 1, 10, 0, 0, 1, 0, 80]);
  const v6 = await connect([5, 0, ...OK], { hostname: "::1", port: 80 });
  const zeros = new Array<number>(15).fill(0);
  assert.deepEqual(v6.sent.slice(3), [5, 1, 0, 4, ...zeros, 1, 0, 80]);
});

Deno.test("a proxy gets a login where there is one", async () => {
  const { sent } = await connect([5, 2, 1, 0, ...OK], TARGET, LOGIN);
  assert.deepEqual(sent.slice(0, 10), [
    ...[5, 1, 2],
    ...[1, 2, 117, 115, 2, 112, 119],
  ]);
});

/** The address that a proxy says it uses → its bytes. */
const ADDRESSES = [
  ["IPv4", [1, 9, 9, 9, 9]],
  ["IPv6", [4, ...new Array<number>(16).fill(9)]],
  ["a name", [3, 2, 9, 9]],
  ["no name", [3, 0]],
] as const;

for (const [what, address] of ADDRESSES) {
  Deno.test(`what follows ${what} in the reply is the target's`, async () => {
    const { left } = await connect([5, 0, 5, 0, 0, ...address, 1, 2, 77]);
    assert.deepEqual(left, [77]);
  });
}

/** Reply → what is the target's fault. */
const REPLIES = [
  [3, "unreachable", "the network cannot be reached"],
  [4, "unreachable", "the host cannot be reached"],
  [5, "refused", "connection refused"],
  [6, "timedOut", "no response in time"],
] as const;

for (const [reply, code, why] of REPLIES) {
  Deno.test(`reply ${reply} is ${code} of the target`, async () => {
    await assert.rejects(connect([5, 0, 5, reply, 0, 1]), (error) => {
      assert.ok(error instanceof DialError);
      assert.ok(!(error instanceof SocksProxyError));
      assert.deepEqual([error.code, error.why], [code, why]);
      assert.equal(
        error.message,
        `Cannot connect to "a.test:258" through the SOCKS proxy: ${why}`,
      );
      return true;
    });
  });
}

const CLOSED = "closed the connection before it responded";

/** What the proxy sends → its own fault. */
const FAULTS: readonly (readonly [
  readonly number[],
  typeof LOGIN | undefined,
  string,
  string,
])[] = [
  [[0x48, 0x54], undefined, "protocol", "speaks something else"],
  [[5, 0xff], undefined, "credentials", "wants a user name and password"],
  [[5, 2], undefined, "credentials", "wants a user name and password"],
  [
    [5, 0],
    LOGIN,
    "credentials",
    "takes no login by user name and password",
  ],
  [
    [5, 2, 1, 1],
    LOGIN,
    "credentials",
    "rejects the user name or the password",
  ],
  [[5, 0, 5, 1, 0, 1], undefined, "failed", "failed to connect (reply 1)"],
  [[5, 0, 5, 2, 0, 1], undefined, "failed", "forbids this host by its rules"],
  [[5, 0, 5, 9, 0, 1], undefined, "failed", "failed to connect (reply 9)"],
  [
    [5, 0, 5, 0, 0, 2],
    undefined,
    "failed",
    "sent an address of the unknown kind 2",
  ],
  [[5], undefined, "failed", CLOSED],
  [[5, 0, 5, 0], undefined, "failed", CLOSED],
  [[5, 0, ...OK.slice(0, -1)], undefined, "failed", CLOSED],
];

for (const [bytes, login, code, why] of FAULTS) {
  Deno.test(`a proxy that sends [${bytes}]${login ? " to a login" : ""} ${why}`, async () => {
    await assert.rejects(connect(bytes, TARGET, login), (error) => {
      assert.ok(error instanceof SocksProxyError);
      assert.deepEqual([error.code, error.why, error.isOfProxy], [
        ...[code, why, true],
      ]);
      assert.equal(error.message, `Cannot use the SOCKS proxy: it ${why}`);
      return true;
    });
  });
}

Deno.test("what speaks something else shows its first byte", async () => {
  await assert.rejects(connect([0x48, 0x54]), { first: 0x48 });
});

Deno.test("a name has at most 255 bytes, a login too", async () => {
  const long = (length: number) =>
    "ä".repeat(length >> 1) + "a".repeat(length % 2);
  const { sent } = await connect([5, 0, ...OK], {
    hostname: long(255),
    port: 1,
  });
  assert.equal(sent[7], 255);
  for (
    const work of [
      () => connect([5, 0, ...OK], { hostname: long(256), port: 1 }),
      () => connect([5, 2, 1, 0], TARGET, { ...LOGIN, password: long(256) }),
    ]
  ) {
    await assert.rejects(work(), /takes no name of more than 255 bytes/);
  }
});
