/** @module */
import assert from "node:assert/strict";
import { AddressRanges } from "../../../src/net/address/address_ranges.ts";
import { Acceptor } from "../../../src/net/listen/acceptor.ts";
import {
  ConnectionLimits,
  type Refusal,
} from "../../../src/net/listen/connection_limits.ts";
import { listenTcp } from "../../../src/net/listen/listen.ts";
import type { ProxyProtocolMode } from "../../../src/net/listen/trusted_proxies.ts";
import { RawClient } from "../../testing/raw_client.ts";
import { headerV1, headerV2, join, latin1, TCP4 } from "./proxy_headers.ts";

interface World extends AsyncDisposable {
  readonly acceptor: Acceptor;
  readonly limits: ConnectionLimits;
  readonly refusals: Refusal[];
}

/** A port that says who its peer is, and then sends back one byte. */
function start(
  { mode = "require", trusted = ["127.0.0.0/8"], headerTimeout, max = 80 }: {
    readonly mode?: ProxyProtocolMode;
    readonly trusted?: readonly string[];
    readonly headerTimeout?: number;
    readonly max?: number;
  } = {},
): World {
  const refusals: Refusal[] = [];
  const limits = new ConnectionLimits({
    max,
    trusted: {
      addresses: new AddressRanges(trusted),
      proxyProtocol: mode,
      headerTimeout,
    },
    onRefusal: (each) => refusals.push(each),
  });
  const acceptor = new Acceptor(
    listenTcp({ hostname: "127.0.0.1", port: 0 }),
    {
      limits,
      async serve(conn) {
        const byte = new Uint8Array(1);
        await conn.read(byte);
        const { network, peer, isOfProxy } = conn;
        const text = `${network} ${peer} ${isOfProxy} `;
        await conn.write(join(latin1(text), byte, latin1("\n")));
        await conn.read(byte);
      },
    },
  );
  return {
    ...{ acceptor, limits, refusals },
    [Symbol.asyncDispose]: () => acceptor[Symbol.asyncDispose](),
  };
}

async function said(
  { acceptor }: World,
  ...pieces: readonly Uint8Array[]
): Promise<string> {
  using client = await RawClient.connect(acceptor.address);
  for (const piece of pieces) await client.send(piece);
  return await client.readThrough("\n");
}

for (
  const [what, header] of [
    ["version 1", headerV1()],
    ["version 2", headerV2()],
    [
      "version 2 with long additions",
      headerV2({ content: join(TCP4, new Uint8Array(3_000)) }),
    ],
  ] as const
) {
  Deno.test(`a PROXY header of ${what} gives the connection its client's address`, async () => {
    await using world = start();

    const text = await said(world, join(header, latin1("x")));

    assert.equal(text, "192.0.2.7 192.0.2.7:4711 false x\n");
  });
}

Deno.test("a PROXY header may come in pieces", async () => {
  await using world = start();
  using client = await RawClient.connect(world.acceptor.address);

  for (const byte of headerV2()) await client.send(Uint8Array.of(byte));
  await client.send("x");

  assert.match(await client.readThrough("\n"), /^192\.0\.2\.7 /);
});

Deno.test("a connection of the proxy itself keeps the proxy's address", async () => {
  await using world = start();

  const text = await said(
    world,
    headerV2({ command: 0x20, family: 0, content: latin1("") }),
    latin1("x"),
  );

  assert.match(text, /^127\.0\.0\.1 127\.0\.0\.1:\d+ true x\n$/);
});

Deno.test("accept: bytes without a PROXY header are served, and keeps the proxy's address", async () => {
  await using world = start({ mode: "accept" });

  const text = await said(world, latin1("PROPFIND"));

  assert.match(text, /^127\.0\.0\.1 127\.0\.0\.1:\d+ true P\n$/);
});

for (
  const [what, bytes, detail] of [
    ["no PROXY header", latin1("GET /"), /missing/],
    ["a wrong one", latin1("PROXY SCTP\r\n"), /TCP4/],
    ["one that is too long", headerV2({ length: 5_000 }), /more than/],
  ] as const
) {
  Deno.test(`require: a connection with ${what} is closed and counted`, async () => {
    await using world = start();
    using client = await RawClient.connect(world.acceptor.address);
    await client.send(bytes);

    assert.equal(await client.readAll(), "");
    const [refusal] = world.refusals;
    assert.equal(refusal?.reason, "proxy_header");
    assert.match(refusal.detail ?? "", detail);
    assert.equal(
      world.limits.ports.get("port")?.refused.get("proxy_header"),
      1,
    );
  });
}

Deno.test("a PROXY header that does not come in time ends the connection", async () => {
  await using world = start({ headerTimeout: 20 });
  using client = await RawClient.connect(world.acceptor.address);
  await client.send(headerV2().subarray(0, 20));

  assert.equal(await client.readAll(), "");
  assert.equal(world.refusals[0]?.reason, "proxy_header");
});

Deno.test("a PROXY header of an address that is not trusted is content", async () => {
  await using world = start({ trusted: ["192.0.2.0/24"] });

  const text = await said(world, headerV1());

  assert.match(text, /^127\.0\.0\.1 127\.0\.0\.1:\d+ false P\n$/);
});

Deno.test("off: a PROXY header is content", async () => {
  await using world = start({ mode: "off" });

  assert.match(await said(world, headerV1()), / true P\n$/);
});

Deno.test("limits count the client of a PROXY header, not the proxy", async () => {
  await using world = start({ max: 16 });
  // Two of one address may be pending at this limit.
  const clients: RawClient[] = [];
  for (const last of [1, 2, 3, 4, 5, 6, 1, 1]) {
    const client = await RawClient.connect(world.acceptor.address);
    clients.push(client);
    await client.send(headerV1(`TCP4 192.0.2.${last} 192.0.2.9 4711 443`));
    await client.send("x");
    await client.readThrough("\n");
  }

  assert.deepEqual(world.refusals, [
    { reason: "gave_way", port: "port", address: "192.0.2.1" },
  ]);
  assert.equal(await clients[0]?.readAll(), "");
  assert.equal(world.limits.ports.get("port")?.pending, 7);
  for (const client of clients) client.close();
});
