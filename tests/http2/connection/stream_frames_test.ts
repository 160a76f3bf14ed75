import assert from "node:assert/strict";
import { ErrorCode } from "../../../src/http2/errors.ts";
import {
  Flag,
  FrameType,
  writeUint32,
} from "../../../src/http2/frames/frame_header.ts";
import { encodeSettings } from "../../../src/http2/frames/settings.ts";
import { writeAll } from "../../../src/net/stream/copy.ts";
import { get, post } from "../pairs.ts";
import { againstClient, againstServer, type RawPeer } from "../raw_peer.ts";

const { END_STREAM, END_HEADERS, PADDED, PRIORITY } = Flag;
const {
  DATA,
  HEADERS,
  RST_STREAM,
  SETTINGS,
  PUSH_PROMISE,
  PING,
  GOAWAY,
  WINDOW_UPDATE,
  CONTINUATION,
} = FrameType;

interface Play {
  readonly name: string;
  readonly code: number;
  play(peer: RawPeer): Promise<void>;
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function settings(id: number, value: number): Uint8Array {
  const payload = new Uint8Array(6);
  payload[1] = id;
  writeUint32(payload, 2, value);
  return payload;
}

/** What a client does that ends the connection, RFC 9113 section by section. */
const ENDS_CONNECTION: readonly Play[] = [
  {
    name: "§4.2 a frame above our SETTINGS_MAX_FRAME_SIZE",
    code: ErrorCode.FRAME_SIZE_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.data(1, new Uint8Array(65_537));
    },
  },
  {
    name: "§4.3 a field block that cannot be decoded",
    code: ErrorCode.COMPRESSION_ERROR,
    play: (peer) =>
      peer.send(HEADERS, {
        streamId: 1,
        flags: END_HEADERS,
        payload: bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      }),
  },
  {
    name: "§5.1 DATA on an idle stream",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.data(1, bytes(1)),
  },
  {
    name: "§5.1 RST_STREAM on an idle stream",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.number(RST_STREAM, 1, 0),
  },
  {
    name: "§5.1 WINDOW_UPDATE on an idle stream",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.number(WINDOW_UPDATE, 1, 1),
  },
  {
    name: "§5.1.1 a stream with an even number",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.headers(2, get(), END_STREAM),
  },
  {
    name: "§5.1.1 a stream with a lower number than one before",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(5, get(), END_STREAM);
      await peer.headers(3, get(), END_STREAM);
    },
  },
  {
    name: "§5.5 an unknown frame inside a field block",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.send(HEADERS, { streamId: 1, payload: peer.block(get()) });
      await peer.send(0xfa, { streamId: 1 });
    },
  },
  {
    name: "§6.1 DATA on stream 0",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.data(0, bytes(1)),
  },
  {
    name: "§6.1 DATA with padding longer than itself",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.data(1, bytes(3, 0, 0), PADDED);
    },
  },
  {
    name: "§6.2 HEADERS on stream 0",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.headers(0, get()),
  },
  {
    name: "§6.2 HEADERS with padding longer than itself",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) =>
      peer.send(HEADERS, {
        streamId: 1,
        flags: PADDED | END_HEADERS,
        payload: bytes(9, 0x82),
      }),
  },
  {
    name: "§6.2 a field block interrupted by another stream's HEADERS",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.send(HEADERS, { streamId: 1, payload: peer.block(get()) });
      await peer.headers(3, get());
    },
  },
  {
    name: "§6.4 RST_STREAM of 3 bytes",
    code: ErrorCode.FRAME_SIZE_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.send(RST_STREAM, { streamId: 1, payload: bytes(0, 0, 0) });
    },
  },
  {
    name: "§6.5 SETTINGS on a stream",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.send(SETTINGS, { streamId: 1 }),
  },
  {
    name: "§6.5 SETTINGS of 5 bytes",
    code: ErrorCode.FRAME_SIZE_ERROR,
    play: (peer) => peer.send(SETTINGS, { payload: bytes(0, 0, 0, 0, 0) }),
  },
  {
    name: "§6.5 an acknowledgement with content",
    code: ErrorCode.FRAME_SIZE_ERROR,
    play: (peer) =>
      peer.send(SETTINGS, { flags: Flag.ACK, payload: settings(3, 1) }),
  },
  {
    name: "§6.5.2 SETTINGS_ENABLE_PUSH of 2",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.send(SETTINGS, { payload: settings(2, 2) }),
  },
  {
    name: "§6.5.2 SETTINGS_INITIAL_WINDOW_SIZE of 2^31",
    code: ErrorCode.FLOW_CONTROL_ERROR,
    play: (peer) => peer.send(SETTINGS, { payload: settings(4, 2 ** 31) }),
  },
  {
    name: "§6.5.2 SETTINGS_MAX_FRAME_SIZE of 16,383",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.send(SETTINGS, { payload: settings(5, 16_383) }),
  },
  {
    name: "§6.5.2 SETTINGS_MAX_FRAME_SIZE of 2^24",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.send(SETTINGS, { payload: settings(5, 2 ** 24) }),
  },
  {
    name: "§6.6 PUSH_PROMISE",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      const payload = bytes(0, 0, 0, 2);
      await peer.send(PUSH_PROMISE, { streamId: 1, payload });
    },
  },
  {
    name: "§6.7 PING of 6 bytes",
    code: ErrorCode.FRAME_SIZE_ERROR,
    play: (peer) => peer.send(PING, { payload: new Uint8Array(6) }),
  },
  {
    name: "§6.7 PING on a stream",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) =>
      peer.send(PING, { streamId: 1, payload: new Uint8Array(8) }),
  },
  {
    name: "§6.8 GOAWAY on a stream",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) =>
      peer.send(GOAWAY, { streamId: 1, payload: new Uint8Array(8) }),
  },
  {
    name: "§6.9 WINDOW_UPDATE by 0 on the connection",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.number(WINDOW_UPDATE, 0, 0),
  },
  {
    name: "§6.9 WINDOW_UPDATE of 3 bytes",
    code: ErrorCode.FRAME_SIZE_ERROR,
    play: (peer) => peer.send(WINDOW_UPDATE, { payload: bytes(0, 0, 1) }),
  },
  {
    name: "§6.9.1 a connection window above 2^31-1",
    code: ErrorCode.FLOW_CONTROL_ERROR,
    play: (peer) => peer.number(WINDOW_UPDATE, 0, 0x7fffffff),
  },
  {
    name: "§6.9.1 more DATA than the connection's window",
    code: ErrorCode.FLOW_CONTROL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.headers(3, post());
      for (const streamId of [1, 1, 3, 3]) {
        await peer.data(streamId, new Uint8Array(60_000));
      }
    },
  },
  {
    name: "§6.10 CONTINUATION without HEADERS",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.send(CONTINUATION, { streamId: 1 }),
  },
  {
    name: "§6.10 CONTINUATION on another stream",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.send(HEADERS, { streamId: 1, payload: peer.block(get()) });
      await peer.send(CONTINUATION, { streamId: 3, flags: END_HEADERS });
    },
  },
  {
    name: "§10.5 CONTINUATION frames without end",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.send(HEADERS, { streamId: 1, payload: peer.block(get()) });
      for (let count = 0; count < 20; count++) {
        await peer.send(CONTINUATION, { streamId: 1 });
      }
    },
  },
  {
    name: "§10.5 resets without end",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      for (let id = 1; id < 50; id += 2) {
        await peer.headers(id, get());
        await peer.number(RST_STREAM, id, ErrorCode.CANCEL);
      }
    },
  },
  {
    name: "§10.5 resets provoked without end",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      for (let id = 1; id < 50; id += 2) {
        await peer.headers(id, get());
        await peer.number(WINDOW_UPDATE, id, 0);
      }
    },
  },
  {
    name: "§10.5 SETTINGS without end",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      for (let count = 0; count < 30; count++) await peer.send(SETTINGS);
    },
  },
  {
    name: "§10.5 empty DATA without end",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    async play(peer) {
      await peer.headers(1, post());
      for (let count = 0; count < 30; count++) await peer.data(1, bytes());
    },
  },
];

for (const { name, code, play } of ENDS_CONNECTION) {
  Deno.test(`the connection ends for ${name}`, async () => {
    const few = { burst: 20, perSecond: 0 };
    await using stage = await againstServer({
      connectionWindow: 200_000,
      maxUnread: 0,
      resets: few,
      settings: few,
      idleFrames: few,
    });

    await play(stage.peer);

    await stage.peer.expectGoAway(code);
    await assert.rejects(stage.ours.done, { code, initiator: "local" });
  });
}

/** What a client does that ends only the stream 1. */
const ENDS_STREAM: readonly Play[] = [
  {
    name: "§5.1 DATA after END_STREAM",
    code: ErrorCode.STREAM_CLOSED,
    async play(peer) {
      await peer.headers(1, post(), END_STREAM);
      await peer.data(1, bytes(1));
    },
  },
  {
    name: "§5.1 HEADERS after END_STREAM",
    code: ErrorCode.STREAM_CLOSED,
    async play(peer) {
      await peer.headers(1, post(), END_STREAM);
      await peer.headers(1, ["x", "1"], END_STREAM);
    },
  },
  {
    name: "§5.1 DATA after RST_STREAM",
    code: ErrorCode.STREAM_CLOSED,
    async play(peer) {
      await peer.headers(1, post());
      await peer.number(RST_STREAM, 1, ErrorCode.CANCEL);
      await peer.data(1, bytes(1));
    },
  },
  {
    name: "§5.3.1 a stream that depends on itself",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) =>
      peer.send(HEADERS, {
        streamId: 1,
        flags: END_HEADERS | PRIORITY,
        payload: bytes(0, 0, 0, 1, 15, ...peer.block(get())),
      }),
  },
  {
    name: "§6.3 PRIORITY of 4 bytes",
    code: ErrorCode.FRAME_SIZE_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      const payload = bytes(0, 0, 0, 0);
      await peer.send(FrameType.PRIORITY, { streamId: 1, payload });
    },
  },
  {
    name: "§6.9 WINDOW_UPDATE by 0",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.number(WINDOW_UPDATE, 1, 0);
    },
  },
  {
    name: "§6.9.1 a window above 2^31-1",
    code: ErrorCode.FLOW_CONTROL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.number(WINDOW_UPDATE, 1, 0x7fffffff);
    },
  },
  {
    name: "§6.9.1 more DATA than the stream's window",
    code: ErrorCode.FLOW_CONTROL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.data(1, new Uint8Array(60_000));
      await peer.data(1, new Uint8Array(60_000));
    },
  },
  {
    name: "§8.1 trailers without END_STREAM",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.headers(1, ["x", "1"]);
    },
  },
  {
    name: "§8.1 trailers with a pseudo-header field",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(1, post());
      await peer.headers(1, [":method", "GET"], END_STREAM);
    },
  },
  {
    name: "§8.1.1 less content than announced",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(1, post("/", "content-length", "2"));
      await peer.data(1, bytes(1), END_STREAM);
    },
  },
  {
    name: "§8.1.1 more content than announced, in several frames",
    code: ErrorCode.PROTOCOL_ERROR,
    async play(peer) {
      await peer.headers(1, post("/", "content-length", "1"));
      await peer.data(1, bytes(1));
      await peer.data(1, bytes(1), END_STREAM);
    },
  },
  {
    name: "§8.1.1 announced content with END_STREAM on HEADERS",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) =>
      peer.headers(1, post("/", "content-length", "1"), END_STREAM),
  },
  {
    name: "§8.2 a field name in upper case",
    code: ErrorCode.PROTOCOL_ERROR,
    play: (peer) => peer.headers(1, get("/", "X-A", "1"), END_STREAM),
  },
  {
    name: "§6.5.2 a field section above our limit",
    code: ErrorCode.ENHANCE_YOUR_CALM,
    play: (peer) =>
      peer.headers(1, get("/", "x", "a".repeat(9000)), END_STREAM),
  },
];

for (const { name, code, play } of ENDS_STREAM) {
  Deno.test(`only the stream ends for ${name}`, async () => {
    await using stage = await againstServer({
      streamWindow: 100_000,
      maxFieldSectionSize: 8192,
    });

    await play(stage.peer);

    await stage.peer.expectReset(1, code);
    assert.equal(stage.ours.openStreams, 0);
    assert.equal(stage.ours.stats.unreadBytes, 0);
  });
}

/** What a client may do without any harm. */
const TOLERATED: readonly Omit<Play, "code">[] = [
  {
    name: "unknown frames, flags and settings",
    async play(peer) {
      await peer.send(0xbe, { streamId: 7, payload: bytes(1, 2) });
      await peer.send(PING, { flags: 0xfe, payload: new Uint8Array(8) });
      await peer.send(SETTINGS, { payload: settings(0xff, 1) });
    },
  },
  {
    name: "PRIORITY on an idle stream",
    play: (peer) =>
      peer.send(FrameType.PRIORITY, {
        streamId: 9,
        payload: bytes(0, 0, 0, 1, 1),
      }),
  },
  {
    name: "an acknowledgement of a PING that was not sent",
    play: (peer) =>
      peer.send(PING, { flags: Flag.ACK, payload: new Uint8Array(8) }),
  },
  {
    name: "WINDOW_UPDATE and RST_STREAM after the end",
    async play(peer) {
      await peer.headers(1, post());
      await peer.number(RST_STREAM, 1, ErrorCode.CANCEL);
      await peer.number(WINDOW_UPDATE, 1, 100);
      await peer.number(RST_STREAM, 1, ErrorCode.CANCEL);
    },
  },
  {
    name: "a field block in many parts, padded",
    async play(peer) {
      const block = peer.block(get("/", "x", "y".repeat(100)));
      await peer.send(HEADERS, {
        streamId: 1,
        flags: PADDED | END_STREAM,
        payload: bytes(3, ...block.subarray(0, 5), 0, 0, 0),
      });
      await peer.send(CONTINUATION, { streamId: 1 });
      await peer.send(CONTINUATION, {
        streamId: 1,
        flags: END_HEADERS,
        payload: block.subarray(5),
      });
    },
  },
];

for (const { name, play } of TOLERATED) {
  Deno.test(`nothing ends for ${name}`, async () => {
    await using stage = await againstServer();

    await play(stage.peer);

    await stage.peer.expectAlive();
  });
}

Deno.test("frames on a stream that we have reset are accepted silently", async () => {
  const read = Promise.withResolvers<void>();
  await using stage = await againstServer({
    connectionWindow: 65_535,
    onStream(stream) {
      stream.close();
      read.resolve();
    },
  });
  await stage.peer.headers(1, post());
  await read.promise;

  // More than the connection's window: what is thrown away has to be credited.
  for (let count = 0; count < 5; count++) {
    await stage.peer.data(1, new Uint8Array(20_000));
    await stage.peer.data(1, new Uint8Array(20_000));
    await stage.peer.expect(WINDOW_UPDATE);
  }
  await stage.peer.headers(1, ["x", "1"], END_STREAM);

  await stage.peer.expectAlive();
});

Deno.test("streams above our limit are refused and others go on", async () => {
  await using stage = await againstServer({ maxConcurrentStreams: 2 });

  for (const id of [1, 3, 5]) await stage.peer.headers(id, post());

  await stage.peer.expectReset(5, ErrorCode.REFUSED_STREAM);
  assert.equal(stage.ours.openStreams, 2);
  assert.equal(stage.ours.stats.streamsRefused, 1);
});

Deno.test("an acknowledgement follows SETTINGS, PING comes back as it was", async () => {
  await using stage = await againstServer({ sendPreface: false });
  const { peer } = stage;

  await peer.raw(new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  await peer.send(SETTINGS);

  const ours = await peer.expect(SETTINGS);
  assert.equal(ours.flags, 0);
  const answer = await peer.expect(SETTINGS);
  assert.equal(answer.flags, Flag.ACK);
  await peer.expectAlive();
});

Deno.test("a preface of something else ends the connection", async () => {
  await using stage = await againstServer({ sendPreface: false });

  await stage.peer.raw(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));

  await stage.peer.expectGoAway(ErrorCode.PROTOCOL_ERROR);
});

Deno.test("another first frame than SETTINGS ends the connection", async () => {
  await using stage = await againstClient({ sendPreface: false });

  await stage.peer.send(PING, { payload: new Uint8Array(8) });

  await stage.peer.expectGoAway(ErrorCode.PROTOCOL_ERROR);
});

Deno.test("a peer that reads nothing cannot make us keep replies without end", async () => {
  await using stage = await againstServer({
    maxQueuedReplies: 50,
    closeTimeout: 1,
    room: 100,
  });

  for (let count = 0; count < 200; count++) {
    await stage.peer.send(PING, { payload: new Uint8Array(8) });
  }

  await assert.rejects(stage.ours.done, { code: ErrorCode.ENHANCE_YOUR_CALM });
});

Deno.test("a client ends the stream for a response that is malformed", async () => {
  for (
    const fields of [
      ["x", "1"],
      [":status", "99"],
      [":status", "101"],
      [":status", "200", ":path", "/"],
      [":status", "200", "transfer-encoding", "chunked"],
    ]
  ) {
    await using stage = await againstClient();
    const stream = await stage.ours.request(get(), { endStream: true });

    await stage.peer.headers(stream.id, fields);

    await stage.peer.expectReset(stream.id, ErrorCode.PROTOCOL_ERROR);
    await assert.rejects(stream.response, { code: ErrorCode.PROTOCOL_ERROR });
  }
});

Deno.test("a response to HEAD and a 304 may declare content that never comes", async () => {
  for (const [method, status] of [["HEAD", "200"], ["GET", "304"]]) {
    await using stage = await againstClient();
    const fields = get();
    fields[1] = method ?? "";
    const stream = await stage.ours.request(fields, { endStream: true });

    await stage.peer.headers(
      stream.id,
      [":status", status ?? "", "content-length", "10"],
      END_STREAM,
    );

    assert.equal((await stream.response).endStream, true);
  }
});

Deno.test("DATA before the response ends the stream", async () => {
  await using stage = await againstClient();
  const stream = await stage.ours.request(get(), { endStream: true });

  await stage.peer.data(stream.id, bytes(1));

  await stage.peer.expectReset(stream.id, ErrorCode.PROTOCOL_ERROR);
});

Deno.test("a server that turns push on ends the connection", async () => {
  await using stage = await againstClient({ sendPreface: false });

  await stage.peer.send(SETTINGS, {
    payload: encodeSettings({ enablePush: true }),
  });

  await stage.peer.expectGoAway(ErrorCode.PROTOCOL_ERROR);
});

Deno.test("streams above the last one of GOAWAY may be retried, those below finish", async () => {
  await using stage = await againstClient();
  const kept = await stage.ours.request(get(), { endStream: true });
  const lost = await stage.ours.request(get(), { endStream: true });

  await stage.peer.send(GOAWAY, { payload: bytes(0, 0, 0, 1, 0, 0, 0, 0) });

  await assert.rejects(lost.response, {
    retryable: true,
    code: ErrorCode.REFUSED_STREAM,
  });
  assert.equal(stage.ours.acceptsStreams, false);
  await stage.peer.headers(kept.id, [":status", "204"], END_STREAM);
  await kept.response;
  await stage.peer.expectGoAway(ErrorCode.NO_ERROR);
  await stage.ours.done;
});

Deno.test("GOAWAY with an error is the reason why the connection ended", async () => {
  await using stage = await againstServer();
  const payload = new Uint8Array(8);
  writeUint32(payload, 4, ErrorCode.INTERNAL_ERROR);

  await stage.peer.send(GOAWAY, { payload });
  await stage.peer.conn.closeWrite();

  await assert.rejects(stage.ours.done, {
    initiator: "peer",
    code: ErrorCode.INTERNAL_ERROR,
  });
});

Deno.test("a change of SETTINGS_INITIAL_WINDOW_SIZE moves windows below zero and back", async () => {
  await using stage = await againstServer({
    onStream(stream) {
      stream.respond([":status", "200"])
        .then(() => writeAll(stream, new Uint8Array(65_535)))
        .then(() => writeAll(stream, bytes(1, 2, 3)))
        .then(() => stream.closeWrite());
    },
  });
  const { peer } = stage;
  await peer.headers(1, get(), END_STREAM);
  let received = 0;
  while (received < 65_535) received += (await peer.expect(DATA)).length;

  await peer.send(SETTINGS, {
    payload: encodeSettings({ initialWindowSize: 10 }),
  });
  await peer.number(WINDOW_UPDATE, 0, 100);
  await peer.number(WINDOW_UPDATE, 1, 65_525);
  await peer.expectAlive();
  await peer.number(WINDOW_UPDATE, 1, 2);

  assert.deepEqual((await peer.expect(DATA)).payload, bytes(1, 2));
  await peer.number(WINDOW_UPDATE, 1, 1);
  assert.deepEqual((await peer.expect(DATA)).payload, bytes(3));
});

Deno.test("a field block longer than the peer's frames goes in several", async () => {
  await using stage = await againstServer({
    onStream(stream) {
      const value = "\u00e9".repeat(40_000);
      stream.respond([":status", "200", "x", value], { endStream: true });
    },
  });
  const { peer } = stage;

  await peer.headers(1, get(), END_STREAM);

  const validated = await peer.expect(HEADERS);
  assert.deepEqual([validated.length, validated.flags], [16_384, END_STREAM]);
  assert.equal((await peer.expect(CONTINUATION)).flags, 0);
});
