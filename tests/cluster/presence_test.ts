import assert from "node:assert/strict";
import { Presence, readPresenceLine } from "../../src/cluster/presence.ts";
import {
  PeerPresence,
  readPresence,
} from "../../src/cluster/presence_reader.ts";
import type { ByteReader } from "../../src/net/stream/byte_stream.ts";
import { idOf } from "./nodes.ts";

/** Gives the pieces one after the other. */
function readerOf(pieces: readonly string[]): ByteReader {
  const rest = pieces.map((piece) => new TextEncoder().encode(piece));
  return {
    read(into) {
      const piece = rest.shift();
      if (piece === undefined) return Promise.resolve(null);
      into.set(piece);
      return Promise.resolve(piece.length);
    },
  };
}

/** One read of what a node says. */
async function readOnce(body: ByteReader): Promise<readonly string[]> {
  const buffer = new Uint8Array(64 * 1024);
  const count = await body.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, count))
    .split("\n").slice(0, -1);
}

Deno.test("Presence tells all that there is, then what changes", async () => {
  const presence = new Presence();
  presence.hold(idOf(1));
  presence.announceLoad(3);
  const body = presence.tell();

  assert.deepEqual(await readOnce(body), [`+${idOf(1)}`, "l3", "s"]);
  presence.hold(idOf(2));
  presence.drop(idOf(1));
  assert.deepEqual(
    (await readOnce(body)).toSorted(),
    [`+${idOf(2)}`, `-${idOf(1)}`],
  );
  presence.drain();
  assert.deepEqual(await readOnce(body), ["d"]);
  body.cancel();
});

Deno.test("Presence says nothing of what came and went while nobody read, however often", async () => {
  const presence = new Presence();
  const body = presence.tell();
  assert.deepEqual(await readOnce(body), ["s"]);

  for (let count = 0; count < 10_000; count++) {
    presence.hold(idOf(1));
    presence.announceLoad(count);
    presence.drop(idOf(1));
  }
  presence.hold(idOf(2));

  assert.deepEqual(await readOnce(body), [`+${idOf(2)}`, "l9999"]);
  body.cancel();
});

for (const room of [1, 7, 64, 100_000]) {
  Deno.test(`Presence tells many tunnels to who reads ${room} bytes at once`, async () => {
    const presence = new Presence();
    for (let id = 0; id < 1_000; id++) presence.hold(idOf(id));
    const body = presence.tell();
    const buffer = new Uint8Array(room);
    let text = "";

    while (!text.endsWith("s\n")) {
      const count = await body.read(buffer) ?? 0;
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    body.cancel();

    const lines = text.split("\n").slice(0, -1);
    assert.equal(lines.length, 1_001);
    for (const line of lines) readPresenceLine(line);
  });
}

Deno.test("a read that waits ends when the listener has gone", async () => {
  const body = new Presence().tell();
  await readOnce(body);

  const waiting = body.read(new Uint8Array(64));
  body.cancel();

  assert.equal(await waiting, null);
});

Deno.test("readPresence() puts lines together that come in pieces", async () => {
  const peer = new PeerPresence();
  let calls = 0;
  const pieces = [
    `+${idOf(1)}`.slice(0, 9),
    `${idOf(1).slice(8)}\nl`,
    "12\ns\nd\n",
  ];

  await readPresence(readerOf(pieces), peer, () => calls += 1);

  assert.deepEqual([...peer.held], [idOf(1)]);
  assert.deepEqual(
    [peer.exchanges, peer.isComplete, peer.isDraining, calls],
    [12, true, true, 3],
  );
});

for (
  const [what, text] of [
    ["an unknown word", "x\n"],
    ["an id that is too short", "+abc\n"],
    ["an id in capitals", `+${"A".repeat(32)}\n`],
    ["a negative load", "l-1\n"],
    ["an empty line", "\n"],
    ["a line without end", "+".repeat(100)],
  ] as const
) {
  Deno.test(`readPresence() refuses ${what}`, async () => {
    const peer = new PeerPresence();

    await assert.rejects(
      readPresence(readerOf([text]), peer, () => {}),
      SyntaxError,
    );
  });
}

Deno.test("a node cannot say that it holds tunnels without end", () => {
  const peer = new PeerPresence();
  for (let id = 0; id < 100_000; id++) peer.take(`+${idOf(id)}`);

  assert.throws(() => peer.take(`+${idOf(100_000)}`), RangeError);
});
