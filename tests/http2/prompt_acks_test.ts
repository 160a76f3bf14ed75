import assert from "node:assert/strict";
import { Flag, FrameType } from "../../src/http2/frames.ts";
import { HandClock } from "./hand_clock.ts";
import { connectTo, get, post, startPair } from "./pairs.ts";
import { againstClient, type RawPeer } from "./raw_peer.ts";

const { HEADERS, PING, DATA } = FrameType;
const END = { endStream: true } as const;

/** Awaits a PING and answers it. */
async function answerPing(peer: RawPeer): Promise<void> {
  const { payload } = await peer.expect(PING);
  await peer.send(PING, { flags: Flag.ACK, payload });
}

/** Answers everything until the end; counts what was asked. */
async function answerPings(peer: RawPeer): Promise<number> {
  for (let count = 0;;) {
    const frame = await peer.next();
    if (frame === undefined) {
      peer.conn.close();
      return count;
    }
    if (frame.type !== PING || (frame.flags & Flag.ACK) !== 0) continue;
    count++;
    await peer.send(PING, { flags: Flag.ACK, payload: frame.payload });
  }
}

Deno.test("promptAcks sends PING with a small batch, and the next one after the answer", async () => {
  await using stage = await againstClient({ promptAcks: true });
  const { peer, ours } = stage;
  await answerPing(peer);
  await peer.expectAlive();
  const sent = () => ours.stats.bytesSent + ours.stats.queuedBytes;

  await ours.request(get(), END);
  assert.equal((await peer.next())?.type, HEADERS);
  const { payload } = await peer.expect(PING);
  const before = ours.stats.bytesSent;
  await ours.request(get(), END);
  while (sent() === before) await undefined;
  for (let turn = 0; turn < 1000; turn++) await undefined;
  const whileHeld = ours.stats.bytesSent;
  await peer.send(PING, { flags: Flag.ACK, payload });

  assert.equal((await peer.next())?.type, HEADERS);
  assert.equal((await peer.next())?.type, PING);
  assert.equal(whileHeld, before);
});

Deno.test("promptAcks does not hold up a batch that fills a segment", async () => {
  await using stage = await againstClient({ promptAcks: true });
  const { peer, ours } = stage;
  await answerPing(peer);
  await peer.expectAlive();

  const stream = await ours.request(post());
  await peer.expect(PING);
  await stream.write(new Uint8Array(100));
  await stream.write(new Uint8Array(2000));

  assert.equal((await peer.next())?.type, DATA);
  assert.equal((await peer.next())?.length, 2000);
});

Deno.test("promptAcks does not hold up anything while the peer has something to say", async () => {
  await using stage = await againstClient({ promptAcks: true });
  const { peer, ours } = stage;
  await answerPing(peer);
  await peer.expectAlive();

  const stream = await ours.request(post());
  await peer.expect(PING);
  await peer.headers(stream.id, [":status", "200"]);
  await stream.response;
  await stream.write(new Uint8Array(100));

  assert.equal((await peer.next())?.type, DATA);
});

Deno.test("promptAcks asks less often than a peer puts up with", async () => {
  const clock = new HandClock();
  await using stage = await againstClient({ promptAcks: true, clock });
  const { peer, ours } = stage;
  const asked = answerPings(peer);
  const stream = await ours.request(connectTo());

  // One a millisecond for ten seconds, all in the first window.
  for (let round = 0; round < 10_000; round++) {
    clock.pass(1);
    await stream.write(new Uint8Array(5));
    while (ours.stats.queuedBytes > 0) await undefined;
  }
  await ours[Symbol.asyncDispose]();

  const count = await asked;
  assert.ok(count > 2000 && count < 5000, `${count} in ten seconds`);
});

Deno.test("promptAcks on both sides comes to rest", async () => {
  const acks = { promptAcks: true } as const;
  await using pair = await startPair(
    (stream) => stream.respond([":status", "204"], END),
    { client: acks, server: acks },
  );
  const stream = await pair.client.request(get(), END);
  await stream.closed;

  // Whatever is under way comes before the answer.
  for (let round = 0; round < 20; round++) await pair.client.ping();

  const { idleFramesReceived } = pair.server.stats;
  assert.ok(idleFramesReceived < 30, `${idleFramesReceived} PINGs`);
});

Deno.test("promptAcks does not hold up the end", async () => {
  await using pair = await startPair(async (stream) => {
    await stream.respond([":status", "200"]);
    await stream.writeTo(stream);
    await stream.closeWrite();
  }, { client: { promptAcks: true }, over: "tls" });

  const stream = await pair.client.request(connectTo());
  await stream.write(new Uint8Array(10));
  await stream.closeWrite();
  const begun = performance.now();
  await pair.client[Symbol.asyncDispose]();

  // A GOAWAY that waited would take the whole `closeTimeout` of a second.
  assert.ok(performance.now() - begun < 900);
  await pair.client.done;
});
