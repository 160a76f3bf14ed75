/** Hostile peers: what they do is bounded, counted, and ends with the right code. Others are not affected. */
import assert from "node:assert/strict";
import type { Http2ServerStream } from "../../src/http2/api.ts";
import {
  ErrorCode,
  Http2Error,
  type Http2Limit,
} from "../../src/http2/errors.ts";
import { Flag, FrameType } from "../../src/http2/frames/frame_header.ts";
import { encodeSettings } from "../../src/http2/frames/settings.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { ManualClock } from "../server/manual_clock.ts";
import { within } from "../testing/deadline.ts";
import {
  type AttackOptions,
  blockOf,
  type Frame,
  frames,
  type HostilePeer,
  numbered,
  repeated,
  startAttack,
} from "./hostile_peer.ts";
import { get, post } from "./pairs.ts";
import { againstClient, againstServer } from "./raw_peer.ts";

const { END_STREAM, END_HEADERS } = Flag;
const {
  CONTINUATION,
  DATA,
  HEADERS,
  PING,
  PRIORITY,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} = FrameType;

const GET = blockOf(get());
const POST = blockOf(post());

function headers(
  streamId: number,
  payload: Uint8Array = POST,
  flags = 0,
): Frame {
  return { type: HEADERS, flags: flags | END_HEADERS, streamId, payload };
}

/** Numbers for the streams of a round of a flood. */
function idsOf(round: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, index) => 2 * (round * count + index) + 1,
  );
}

/** A megabyte for every request. */
async function answerMuch(stream: Http2ServerStream): Promise<void> {
  await stream.respond([":status", "200"]);
  await writeAll(stream, new Uint8Array(1 << 20));
  await stream.closeWrite();
}

/** Which bound stops a flood. Where two would, the options raise the other. */
interface Flood {
  readonly name: string;
  readonly limit: Http2Limit | undefined;
  readonly code: number;
  readonly options?: AttackOptions;
  play(peer: HostilePeer): Promise<void>;
}

const FLOODS: readonly Flood[] = [
  {
    name: "rapid reset (CVE-2023-44487)",
    limit: "resets",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    play: (peer) =>
      peer.flood((round) =>
        frames(
          ...idsOf(round, 100).flatMap((id) => [
            headers(id, GET, END_STREAM),
            numbered(RST_STREAM, id, ErrorCode.CANCEL),
          ]),
        )
      ),
  },
  {
    name: "streams that we are made to reset (CVE-2025-8671)",
    limit: "resets",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    options: { maxQueuedReplies: Infinity },
    play: (peer) =>
      peer.flood((round) =>
        frames(
          ...idsOf(round, 100).flatMap((id) => [
            headers(id, GET, END_STREAM),
            numbered(WINDOW_UPDATE, id, 0),
          ]),
        )
      ),
  },
  {
    name: "streams that are never finished",
    limit: "resets",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    options: { maxQueuedReplies: Infinity },
    play: (peer) =>
      peer.flood((round) =>
        frames(...idsOf(round, 100).map((id) => headers(id)))
      ),
  },
  {
    name: "malformed requests",
    limit: "resets",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    options: { maxQueuedReplies: Infinity },
    play: (peer) =>
      peer.flood((round) =>
        frames(...idsOf(round, 100).map((id) => headers(id, Uint8Array.of())))
      ),
  },
  {
    name: "empty CONTINUATION frames (CVE-2024-27316)",
    limit: "maxContinuations",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.send(frames({ type: HEADERS, streamId: 1 }));
      const batch = repeated(1000, { type: CONTINUATION, streamId: 1 });
      await peer.flood(() => batch);
    },
  },
  {
    name: "long CONTINUATION frames",
    limit: "maxFieldBlock",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.send(frames({ type: HEADERS, streamId: 1 }));
      const payload = new Uint8Array(60_000);
      const batch = frames({ type: CONTINUATION, streamId: 1, payload });
      await peer.flood(() => batch);
    },
  },
  {
    name: "an HPACK bomb",
    limit: "fieldSection",
    code: ErrorCode.COMPRESSION_ERROR,
    async play(peer) {
      // An entry of 4,000 octets, then its index 60,000 times: 240 MB.
      const entry = [0x40, 1, 0x78, 0x7f, 0xa0, 0x1e];
      const payload = Uint8Array.of(
        ...entry,
        ...new Uint8Array(3999).fill(0x61),
        ...new Uint8Array(60_000).fill(0xbe),
      );
      await peer.send(frames(headers(1, payload)));
      await peer.flood(() =>
        frames({ type: PING, payload: new Uint8Array(8) })
      );
    },
  },
  {
    name: "SETTINGS",
    limit: "settings",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      const batch = repeated(1000, { type: SETTINGS });
      await peer.flood(() => batch);
    },
  },
  {
    name: "SETTINGS that change the size of the header table",
    limit: "settings",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    play: (peer) =>
      peer.flood((round) =>
        frames({
          type: SETTINGS,
          payload: encodeSettings({ headerTableSize: round % 2 * 2 ** 31 }),
        })
      ),
  },
  {
    name: "PING, its acknowledgements read",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    options: { maxQueuedReplies: Infinity },
    async play(peer) {
      const ping = { type: PING, payload: new Uint8Array(8) };
      const batch = repeated(1000, ping);
      await peer.flood(() => batch);
    },
  },
  {
    name: "empty DATA (CVE-2019-9518)",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.send(frames(headers(1)));
      const batch = repeated(1000, { type: DATA, streamId: 1 });
      await peer.flood(() => batch);
    },
  },
  {
    name: "DATA that is all padding",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.send(frames(headers(1)));
      const payload = Uint8Array.of(3, 0, 0, 0);
      const data = { type: DATA, flags: Flag.PADDED, streamId: 1, payload };
      const batch = repeated(1000, data);
      await peer.flood(() => batch);
    },
  },
  {
    name: "DATA in crumbs on a stream that we have reset",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    options: {
      onStream(stream) {
        stream.reset(ErrorCode.CANCEL);
        return Promise.resolve();
      },
    },
    async play(peer) {
      await peer.send(frames(headers(1)));
      const payload = new Uint8Array(1);
      const batch = repeated(1000, { type: DATA, streamId: 1, payload });
      await peer.flood(() => batch);
    },
  },
  {
    name: "PRIORITY",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      const payload = new Uint8Array(5);
      const batch = repeated(1000, { type: PRIORITY, streamId: 1, payload });
      await peer.flood(() => batch);
    },
  },
  {
    name: "frames of unknown types",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      const batch = repeated(1000, { type: 0xfa });
      await peer.flood(() => batch);
    },
  },
  {
    name: "RST_STREAM on a stream that has ended",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.send(frames(headers(1), numbered(RST_STREAM, 1, 0)));
      const batch = repeated(1000, numbered(RST_STREAM, 1, 0));
      await peer.flood(() => batch);
    },
  },
  {
    name: "WINDOW_UPDATE on a stream that has ended",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.send(frames(headers(1), numbered(RST_STREAM, 1, 0)));
      const batch = repeated(1000, numbered(WINDOW_UPDATE, 1, 5000));
      await peer.flood(() => batch);
    },
  },
  {
    name: "WINDOW_UPDATE of 1 for the connection",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      const batch = repeated(1000, numbered(WINDOW_UPDATE, 0, 1));
      await peer.flood(() => batch);
    },
  },
  {
    name: "content requested byte by byte (CVE-2019-9511)",
    limit: "idleFrames",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    options: {
      theirSettings: encodeSettings({ initialWindowSize: 0 }),
      onStream: answerMuch,
    },
    async play(peer) {
      await peer.send(frames(headers(1, GET, END_STREAM)));
      const batch = repeated(1000, numbered(WINDOW_UPDATE, 1, 1));
      await peer.flood(() => batch);
    },
  },
  {
    name: "a connection's window beyond 2^31-1",
    limit: undefined,
    code: ErrorCode.FLOW_CONTROL_ERROR,
    async play(peer) {
      const batch = frames(numbered(WINDOW_UPDATE, 0, 0x7fff_ffff));
      await peer.flood(() => batch);
    },
  },
  {
    name: "frame sizes that are not allowed",
    limit: undefined,
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) =>
      peer.flood(() =>
        frames({
          type: SETTINGS,
          payload: encodeSettings({ maxFrameSize: 16_383 }),
        })
      ),
  },
  {
    name: "content after its end",
    limit: undefined,
    code: ErrorCode.STREAM_CLOSED,
    options: {
      onStream: (stream) => stream.respond([":status", "204"], END),
    },
    async play(peer) {
      await peer.send(frames(headers(1, GET, END_STREAM)));
      const payload = new Uint8Array(1);
      await peer.flood(() => frames({ type: DATA, streamId: 1, payload }));
    },
  },
];

const END = { endStream: true } as const;

for (const { name, limit, code, options, play } of FLOODS) {
  Deno.test(`a flood is stopped: ${name}`, async () => {
    await using attack = await startAttack(options);

    await within(play(attack.peer), "the flood to be stopped");
    const end = await within(
      attack.ours.done.catch((error: unknown) => error),
      "the end",
    );

    assert.ok(end instanceof Http2Error, String(end));
    assert.deepEqual([end.code, end.limit], [code, limit]);
    assert.equal(attack.ours.stats.limitReached, limit);
    assert.equal(attack.ours.openStreams, 0);
    assert.ok(
      attack.mostQueued <= 1 << 20,
      `${attack.mostQueued} bytes queued`,
    );
  });
}

Deno.test("what a flood consists of is counted", async () => {
  await using attack = await startAttack();
  const { peer, ours } = attack;

  await peer.send(repeated(7, { type: SETTINGS }));
  await peer.send(repeated(9, { type: 0xfa }));
  await peer.send(
    frames(headers(1, blockOf(get("/", "x", "y".repeat(70_000))))),
  );
  await peer.until(() => peer.received(RST_STREAM) > 0);

  assert.equal(ours.stats.settingsReceived, 8);
  assert.ok(ours.stats.idleFramesReceived >= 9);
  assert.equal(ours.stats.fieldSectionsRefused, 1);
  assert.equal(peer.lastReset, ErrorCode.ENHANCE_YOUR_CALM);
  assert.equal(ours.stats.limitReached, undefined);
});

Deno.test("a rapid reset reaches the handler a bounded number of times", async () => {
  await using attack = await startAttack();
  const { peer } = attack;

  await within(
    peer.flood((round) =>
      frames(
        ...idsOf(round, 100).flatMap((id) => [
          headers(id, GET, END_STREAM),
          numbered(RST_STREAM, id, ErrorCode.CANCEL),
        ]),
      )
    ),
    "the flood to be stopped",
  );

  // 1000 at once and 200 more each second of what may be a slow machine.
  assert.ok(attack.requests < 5000, `${attack.requests} requests`);
});

Deno.test("a peer that sends requests and never reads makes us queue a bounded number of bytes", async () => {
  const long = "x".repeat(10_000);
  await using attack = await startAttack({
    neverReads: true,
    onStream: (stream) => stream.respond([":status", "204", "x", long], END),
  });

  await within(
    attack.peer.flood((round) =>
      frames(...idsOf(round, 100).map((id) => headers(id, GET, END_STREAM)))
    ),
    "the flood to be stopped",
  );

  await assert.rejects(attack.ours.done, { code: ErrorCode.ENHANCE_YOUR_CALM });
  assert.ok(attack.mostQueued < 1 << 20, `${attack.mostQueued} bytes queued`);
});

Deno.test("PING that is never read makes us queue a bounded number of replies", async () => {
  await using attack = await startAttack({
    neverReads: true,
    idleFrames: UNBOUNDED,
  });
  const batch = repeated(1000, { type: PING, payload: new Uint8Array(8) });

  await within(attack.peer.flood(() => batch), "the flood to be stopped");

  await assert.rejects(attack.ours.done, { limit: "maxQueuedAnswers" });
});

Deno.test("resets that are never read make us queue a bounded number of bytes", async () => {
  await using attack = await startAttack({
    neverReads: true,
    maxQueuedBytes: 100_000,
    onStream(stream) {
      stream.reset(ErrorCode.CANCEL);
      return Promise.resolve();
    },
  });

  await within(
    attack.peer.flood((round) =>
      frames(...idsOf(round, 1000).map((id) => headers(id, GET, END_STREAM)))
    ),
    "the flood to be stopped",
  );

  await assert.rejects(attack.ours.done, { limit: "maxQueuedBytes" });
});

const UNBOUNDED = { burst: Infinity, perSecond: 0 } as const;

Deno.test("a window held at 0 for ever costs no more than the streams it holds", async () => {
  await using attack = await startAttack({
    theirSettings: encodeSettings({ initialWindowSize: 0 }),
    maxConcurrentStreams: 50,
    onStream: answerMuch,
  });
  const { peer, ours } = attack;

  await peer.send(
    frames(...idsOf(0, 60).map((id) => headers(id, GET, END_STREAM))),
  );
  await peer.until(() =>
    peer.received(RST_STREAM) === 10 && peer.received(HEADERS) === 50
  );

  assert.equal(ours.openStreams, 50);
  assert.equal(ours.stats.streamsRefused, 10);
  assert.equal(ours.stats.writesHeldBack, 50);
  assert.equal(peer.lastReset, ErrorCode.REFUSED_STREAM);
  assert.equal(peer.received(DATA), 0);
  assert.equal(ours.stats.queuedBytes, 0);
});

Deno.test("a stream's window beyond 2^31-1 ends only that stream", async () => {
  await using attack = await startAttack({ onStream: answerMuch });
  const { peer, ours } = attack;

  await peer.send(
    frames(
      headers(1, GET, END_STREAM),
      numbered(WINDOW_UPDATE, 1, 0x7fff_ffff),
    ),
  );
  await peer.until(() => peer.received(RST_STREAM) > 0);

  assert.equal(peer.lastReset, ErrorCode.FLOW_CONTROL_ERROR);
  assert.equal(ours.openStreams, 0);
  assert.equal(ours.stats.limitReached, undefined);
});

Deno.test("a preface that comes byte by byte times out", async () => {
  const clock = new ManualClock();
  await using stage = await againstServer({ sendPreface: false, clock });

  await stage.peer.raw(new TextEncoder().encode("PRI *"));
  clock.advance(10_000);

  await assert.rejects(stage.ours.done, { initiator: "transport" });
  assert.equal(clock.pending, 0);
});

Deno.test("a field block that is not finished times out", async () => {
  const clock = new ManualClock();
  await using stage = await againstServer({ clock });
  const { peer, ours } = stage;

  await peer.expectAlive();
  await peer.send(HEADERS, { streamId: 1, payload: GET });
  await peer.send(CONTINUATION, { streamId: 1 });
  while (ours.stats.framesReceived < 4) await undefined;
  clock.advance(10_000);

  await peer.expectGoAway(ErrorCode.ENHANCE_YOUR_CALM);
  await assert.rejects(ours.done, { limit: "fieldBlockTimeout" });
  assert.equal(clock.pending, 0);
});

Deno.test("a field block that is finished in time leaves no timer behind", async () => {
  const clock = new ManualClock();
  await using stage = await againstServer({ clock });
  const { peer } = stage;

  await peer.send(HEADERS, { streamId: 1, payload: GET });
  await peer.send(CONTINUATION, { streamId: 1, flags: END_HEADERS });
  await peer.expectAlive();

  assert.equal(clock.pending, 0);
});

Deno.test("frames keep to a SETTINGS_MAX_FRAME_SIZE that goes up and down", async () => {
  await using stage = await againstServer({
    onStream: (stream) => void answerMuch(stream).catch(() => {}),
  });
  const { peer } = stage;
  await peer.number(WINDOW_UPDATE, 0, 1 << 24);
  for (const maxFrameSize of [16_777_215, 16_384, 65_536, 20_000]) {
    await peer.send(SETTINGS, { payload: encodeSettings({ maxFrameSize }) });
  }
  await peer.headers(1, get(), END_STREAM);
  await peer.number(WINDOW_UPDATE, 1, 1 << 24);

  await peer.expect(HEADERS);
  let longest = 0;
  for (let received = 0; received < 1 << 20;) {
    const { length } = await peer.expect(DATA);
    received += length;
    longest = Math.max(longest, length);
  }

  assert.equal(longest, 20_000);
});

Deno.test("a header table that goes up and down stays in step", async () => {
  await using stage = await againstServer({
    onStream: (stream) =>
      void stream.respond([":status", "200", "x-a", "b".repeat(100)], END),
  });
  const { peer } = stage;

  for (const [index, size] of [4096, 0, 100, 4096, 2 ** 31].entries()) {
    const up = encodeSettings({ headerTableSize: size });
    const through = Uint8Array.of(0, 1, 0, 0, 0, 0, ...up);
    await peer.send(SETTINGS, { payload: index % 2 === 0 ? up : through });
    for (const again of [0, 1]) {
      await peer.headers(4 * index + 2 * again + 1, get(), END_STREAM);
      assert.equal((await peer.expectFields())[3], "b".repeat(100));
    }
  }
});

Deno.test("a table that was small for a moment is emptied", async () => {
  await using stage = await againstServer({
    onStream: (stream) =>
      void stream.respond([":status", "200", "x-a", "b"], END),
  });
  const { peer } = stage;
  await peer.headers(1, get(), END_STREAM);
  await peer.expectFields();

  const entry = [0, 1, 0, 0];
  const payload = Uint8Array.of(...entry, 0, 0, ...entry, 0x10, 0);
  await peer.send(SETTINGS, { payload });
  await peer.headers(3, get(), END_STREAM);

  // RFC 7541 §4.2: first the smallest size, then the last.
  const block = (await peer.expect(HEADERS)).payload;
  assert.deepEqual([...block.subarray(0, 4)], [0x20, 0x3f, 0xe1, 0x1f]);
});

Deno.test("respond() reports that the peer does not accept so many fields, and can be retried", async () => {
  const refused = Promise.withResolvers<unknown>();
  await using stage = await againstServer({
    async onStream(stream) {
      const long = [":status", "200", "x", "y".repeat(1000)];
      await stream.respond(long).catch(refused.resolve);
      await stream.respond([":status", "502"]);
      await assert.rejects(stream.sendTrailers(["x", "y".repeat(1000)]), {
        limit: "fieldSection",
      });
      await stream.closeWrite();
    },
  });
  const { peer } = stage;
  await peer.send(SETTINGS, {
    payload: encodeSettings({ maxHeaderListSize: 1000 }),
  });

  await peer.headers(1, get(), END_STREAM);

  assert.deepEqual(await peer.expectFields(), [":status", "502"]);
  assert.equal((await peer.expect(DATA)).flags, END_STREAM);
  const error = await refused.promise;
  assert.ok(error instanceof Http2Error);
  assert.equal(
    error.message,
    "Cannot send the fields: they have 1075 bytes, the peer accepts 1000",
  );
});

Deno.test("request() reports that the peer does not accept so many fields, and opens no stream", async () => {
  await using stage = await againstClient({ sendPreface: false });
  await stage.peer.send(SETTINGS, {
    payload: encodeSettings({ maxHeaderListSize: 1000 }),
  });
  await stage.peer.expectAlive();

  await assert.rejects(
    stage.ours.request(get("/", "x", "y".repeat(1000))),
    { limit: "fieldSection", scope: "stream", retryable: false },
  );
  const stream = await stage.ours.request(get(), END);

  assert.equal(stream.id, 1);
  assert.equal(stage.ours.openStreams, 1);
});

Deno.test("interim responses without end reset the stream", async () => {
  await using stage = await againstClient();
  const stream = await stage.ours.request(get(), END);
  const { peer } = stage;

  for (let count = 0; count <= 1000; count++) {
    await peer.headers(stream.id, [":status", "103"]);
  }

  await peer.expectReset(stream.id, ErrorCode.ENHANCE_YOUR_CALM);
  await assert.rejects(stream.response, {
    code: ErrorCode.ENHANCE_YOUR_CALM,
    initiator: "local",
  });
});
