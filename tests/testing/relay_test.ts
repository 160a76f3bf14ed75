/** @module */
import assert from "node:assert/strict";
import { within } from "./deadline.ts";
import { patternBytes, patternDigest } from "./pattern.ts";
import { RawClient } from "./raw_client.ts";
import { Relay } from "./relay.ts";
import { startDigestServer, startEchoServer } from "./tcp_server.ts";

Deno.test("relay passes bytes and the end of each direction", async () => {
  await using server = startDigestServer();
  await using relay = await Relay.start(server.port);
  using client = await RawClient.connect(relay);

  await client.send(patternBytes(1_000_000));
  await client.closeWrite();

  assert.deepEqual(
    JSON.parse(await client.readAll()),
    patternDigest(1_000_000),
  );
  assert.equal(relay.accepted, 1);
});

Deno.test("relay delays both directions and keeps the order", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port, { delay: 25 });
  using client = await RawClient.connect(relay);
  const start = performance.now();

  await client.send("a");
  await client.send("bc");
  await client.closeWrite();
  const echoed = await client.readAll();

  assert.equal(echoed, "abc");
  assert.ok(performance.now() - start >= 49);
});

Deno.test("relay cut() resets both ends, and takes new connections", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port);
  using client = await RawClient.connect(relay);
  await client.send("a");
  await client.readExactly(1);

  relay.cut();
  await assert.rejects(client.readAll(), Deno.errors.ConnectionReset);

  using next = await RawClient.connect(relay);
  await next.send("b");
  assert.equal((await next.readExactly(1)).byteLength, 1);
});

Deno.test("relay cuts one connection alone", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port);
  using first = await RawClient.connect(relay);
  await first.send("a");
  await first.readExactly(1);
  using second = await RawClient.connect(relay);
  await second.send("b");
  await second.readExactly(1);

  relay.connections[0]?.cut();
  await assert.rejects(first.readAll(), Deno.errors.ConnectionReset);

  await second.send("c");
  assert.equal((await second.readExactly(1)).byteLength, 1);
  assert.equal(relay.connections.length, 2);
});

Deno.test("relay pause() holds everything back until resume()", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port);
  using client = await RawClient.connect(relay);
  await client.send("a");
  await client.readExactly(1);

  relay.pause();
  await client.send("b");
  const answer = client.readExactly(1);
  await assert.rejects(within(answer, "nothing", 100), /Waited 100 ms/);

  relay.resume();
  assert.equal((await answer)[0], "b".charCodeAt(0));
});

Deno.test("relay stalls one connection in one direction, and no other", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port);
  using one = await RawClient.connect(relay);
  using other = await RawClient.connect(relay);
  await one.send("a");
  await one.readExactly(1);

  relay.connections[0]?.stall("down");
  await one.send("b");
  await other.send("c");
  assert.equal((await other.readExactly(1))[0], "c".charCodeAt(0));
  const held = one.readExactly(1);
  await assert.rejects(within(held, "nothing", 50), /Waited 50 ms/);

  relay.connections[0]?.resume();
  assert.equal((await held)[0], "b".charCodeAt(0));
});

Deno.test("relay forget() stalls what is open, and takes new connections", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port);
  using forgotten = await RawClient.connect(relay);
  await forgotten.send("a");
  await forgotten.readExactly(1);

  relay.forget();
  await forgotten.send("b");
  using next = await RawClient.connect(relay);
  await next.send("c");

  assert.equal((await next.readExactly(1))[0], "c".charCodeAt(0));
  const held = forgotten.readExactly(1);
  await assert.rejects(within(held, "nothing", 50), /Waited 50 ms/);
  relay.resume();
  await held;
});

Deno.test("relay acceptSilently() takes connections that lead nowhere", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port);
  relay.acceptSilently();

  using client = await RawClient.connect(relay);
  await client.send("a");
  const reply = client.readExactly(1);
  await assert.rejects(within(reply, "nothing", 50), /Waited 50 ms/);

  assert.equal(server.accepted, 0);
  relay.acceptSilently(false);
  using next = await RawClient.connect(relay);
  await next.send("b");
  await next.readExactly(1);
  relay.cut();
  await assert.rejects(reply);
});

Deno.test("relay with a rate makes all connections wait in one queue", async () => {
  await using server = startEchoServer();
  await using relay = await Relay.start(server.port, { rate: 1_000_000 });
  using large = await RawClient.connect(relay);
  using small = await RawClient.connect(relay);
  await large.send("a");
  await large.readExactly(1);
  const start = performance.now();

  await large.send(patternBytes(200_000));
  await large.readExactly(1);
  await small.send("b");
  await small.readExactly(1);

  assert.ok(performance.now() - start >= 190, "the queue lasts 200 ms");
});
