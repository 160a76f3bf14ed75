/**
 * HTTP/2: whatever a peer sends, in frames or in bytes, a connection ends in
 * order and for the peer's fault, with nothing left open.
 *
 * @module
 */
import assert from "node:assert/strict";
import type {
  Http2Connection,
  Http2ServerStream,
} from "../../src/http2/api.ts";
import {
  ErrorCode,
  errorCodeName,
  Http2Error,
} from "../../src/http2/errors.ts";
import {
  CLIENT_PREFACE,
  Flag,
  FrameType,
} from "../../src/http2/frames/frame_header.ts";
import { encodeSettings } from "../../src/http2/frames/settings.ts";
import { within } from "../testing/deadline.ts";
import type { Random } from "../http2/hpack/random.ts";
import {
  blockOf,
  type Frame,
  frames,
  numbered,
} from "../http2/hostile_peer.ts";
import { get, post, readAll } from "../http2/pairs.ts";
import {
  againstClient,
  againstServer,
  type RawPeer,
  type Stage,
} from "../http2/raw_peer.ts";
import { damage, type FuzzTarget, pick, randomBytes } from "./target.ts";

const OK = blockOf([":status", "200"]);

/** What a well-behaved client says, to be damaged. */
const SESSION: Uint8Array = Uint8Array.of(
  ...CLIENT_PREFACE,
  ...frames(
    {
      type: FrameType.SETTINGS,
      payload: encodeSettings({ maxFrameSize: 20_000 }),
    },
    { type: FrameType.SETTINGS, flags: Flag.ACK },
    numbered(FrameType.WINDOW_UPDATE, 0, 100_000),
    message(1, blockOf(post("/", "content-length", "5"))),
    { type: FrameType.DATA, streamId: 1, payload: new Uint8Array(2) },
    { type: FrameType.PING, payload: new Uint8Array(8) },
    {
      type: FrameType.HEADERS,
      flags: Flag.END_STREAM,
      streamId: 3,
      payload: blockOf(get()).subarray(0, 9),
    },
    {
      type: FrameType.CONTINUATION,
      flags: Flag.END_HEADERS,
      streamId: 3,
      payload: blockOf(get()).subarray(9),
    },
    {
      type: FrameType.DATA,
      flags: Flag.END_STREAM | Flag.PADDED,
      streamId: 1,
      payload: Uint8Array.of(2, 1, 2, 3, 0, 0),
    },
    message(5, blockOf(post())),
    numbered(FrameType.RST_STREAM, 5, ErrorCode.CANCEL),
    { type: FrameType.GOAWAY, payload: new Uint8Array(8) },
  ),
);

function message(streamId: number, payload: Uint8Array): Frame {
  return {
    type: FrameType.HEADERS,
    flags: Flag.END_HEADERS,
    streamId,
    payload,
  };
}

/** Frames that are well-formed more often than chance would have them, on few streams. */
async function sendAnything(peer: RawPeer, random: Random): Promise<void> {
  const streamId = random(12);
  const payload = randomBytes(random, 40);
  switch (random(60) === 0 ? 9 : random(9)) {
    case 0:
    case 5:
    case 6:
      return await peer.headers(streamId | 1, get(), random(2));
    case 1:
      return await peer.headers(streamId | 1, post("/", "x", "y"), random(2));
    case 2:
    case 7:
      return await peer.data(streamId | 1, payload, random(2));
    case 3:
      return await peer.number(FrameType.RST_STREAM, streamId | 1, random(9));
    case 4:
      return await peer.number(FrameType.WINDOW_UPDATE, streamId, random(999));
    case 8:
      return await peer.send(FrameType.PRIORITY, { streamId, payload });
    default:
      return await peer.send(random(12), {
        flags: random(256) & ~Flag.PADDED | random(2) * Flag.PADDED,
        streamId,
        payload,
      });
  }
}

async function answerAnything(stream: Http2ServerStream): Promise<void> {
  try {
    await stream.respond([":status", "200"]);
    await stream.writeTo(stream);
    await stream.closeWrite();
  } catch {
    stream.close();
  }
}

/** Sends what `send` sends, and its end; reads everything meanwhile. */
async function play(
  { peer, ours }: Stage<Http2Connection>,
  send: () => Promise<void>,
): Promise<string> {
  const reading = (async () => {
    while (await peer.next() !== undefined);
  })().catch(() => {});
  // Once the connection has ended, nobody takes the rest.
  await send().then(() => peer.conn.closeWrite()).catch(() => {});
  const end = await within(
    ours.done.catch((error: unknown) => error),
    "the connection to end",
  );
  peer.conn.close();
  await reading;
  assert.equal(ours.openStreams, 0);
  assert.equal(ours.stats.unreadBytes, 0);
  if (end === undefined) return "ended";
  assert.ok(end instanceof Http2Error, String(end));
  if (end.initiator !== "local") return end.initiator;
  assert.notEqual(end.code, ErrorCode.INTERNAL_ERROR, String(end));
  return errorCodeName(end.code);
}

/** Our server, and frames in any order. */
export const HTTP2_FRAMES: FuzzTarget = {
  name: "the server role survives any frames",
  async round(random) {
    await using stage = await againstServer({
      onStream: (stream) => void answerAnything(stream),
    });
    return await play(stage, async () => {
      for (let count = random(60); count > 0; count--) {
        await sendAnything(stage.peer, random);
      }
    });
  },
};

/** Our server, and damaged bytes in pieces of any size. */
export const HTTP2_BYTES: FuzzTarget = {
  name: "the server role survives any bytes",
  async round(random) {
    await using stage = await againstServer({
      sendPreface: false,
      onStream: (stream) => void answerAnything(stream),
    });
    const bytes = damage(random, SESSION);
    return await play(stage, async () => {
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + random(40);
        await stage.peer.raw(bytes.subarray(at, end));
        at = end;
      }
    });
  },
};

/** Our client with a few requests, and damaged responses. */
export const HTTP2_ANSWERS: FuzzTarget = {
  name: "the client role survives any answers",
  async round(random) {
    await using stage = await againstClient({ sendPreface: false });
    const { ours, peer } = stage;
    const exchanges = Array.from({ length: 3 }, async () => {
      const stream = await ours.request(get(), { endStream: true });
      await readAll(stream);
    });
    const settled = Promise.allSettled(exchanges);
    const list = [
      { type: FrameType.SETTINGS },
      ...Array.from({ length: random(12) }, () => randomAnswer(random)),
    ];
    const outcome = await play(
      stage,
      () =>
        peer.raw(
          random(2) === 0 ? frames(...list) : damage(random, frames(...list)),
        ),
    );
    await settled;
    return outcome;
  },
};

function randomAnswer(random: Random): Frame {
  const streamId = 2 * random(3) + 1;
  const flags = random(2);
  return pick<() => Frame>(random, [
    () => ({ ...message(streamId, OK), flags: flags | Flag.END_HEADERS }),
    () => message(streamId, blockOf([":status", "103"])),
    () => ({
      type: FrameType.DATA,
      flags,
      streamId,
      payload: randomBytes(random, 40),
    }),
    () => ({ type: FrameType.DATA, flags: Flag.END_STREAM, streamId }),
    () => numbered(FrameType.RST_STREAM, streamId, random(14)),
    () => numbered(FrameType.WINDOW_UPDATE, random(2) * streamId, random(99)),
    () => ({ type: FrameType.PING, payload: new Uint8Array(8) }),
    () => ({
      type: FrameType.GOAWAY,
      payload: Uint8Array.of(0, 0, 0, random(8), 0, 0, 0, random(3)),
    }),
  ])();
}
