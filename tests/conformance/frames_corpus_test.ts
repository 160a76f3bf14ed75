/**
 * HTTP/2 frames as others wrote them: http2-frame-test-case. Each frame is on a
 * connection of its own, with the default settings.
 */
import assert from "node:assert/strict";
import { ErrorCode, errorCodeName } from "../../src/http2/errors.ts";
import { FieldBlockAssembler } from "../../src/http2/frames/field_block.ts";
import {
  Flag,
  type FrameHeader,
  FrameType,
  readUint31,
  readUint32,
} from "../../src/http2/frames/frame_header.ts";
import { FrameReader } from "../../src/http2/frames/frame_reader.ts";
import { ReadBufferPool } from "../../src/http2/frames/read_buffer_pool.ts";
import {
  decodeSettings,
  INITIAL_SETTINGS,
  MIN_MAX_FRAME_SIZE,
} from "../../src/http2/frames/settings.ts";
import {
  againstClient,
  againstServer,
  type RawPeer,
} from "../http2/raw_peer.ts";
import { textOf } from "../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../testing/memory_duplex.ts";
import { within } from "../testing/deadline.ts";
import { corpus } from "./corpora.ts";

interface Case {
  readonly wire: string;
  readonly error: readonly number[] | null;
  readonly frame: {
    readonly length: number;
    readonly type: number;
    readonly flags: number;
    readonly stream_identifier: number;
    readonly frame_payload: Payload;
  } | null;
}

type Payload = Readonly<Record<string, unknown>>;

/** A frame as our reader passes it on. */
interface Received {
  readonly header: FrameHeader;
  /** Of DATA only its content. */
  readonly payload: Uint8Array;
  /** Of DATA: all bytes that are not content. */
  readonly padding: number;
}

/** Good and wrong frames in the archive: fewer is not the one that we know. */
const GOOD_FRAMES = 12;
const WRONG_FRAMES = 22;

const frames = corpus("http2-frame-test-case.tar.gz");

Deno.test({
  ...frames.needed,
  name: "FrameReader reads frames that others wrote",
  async fn() {
    let count = 0;
    for (const [path, { wire, frame }] of await cases()) {
      if (frame === null) continue;
      const received = await readFrame(Uint8Array.fromHex(wire));

      const { length, type, flags, stream_identifier: streamId } = frame;
      assert.deepEqual(
        received.header,
        { length, type, flags, streamId },
        path,
      );
      for (const [name, value] of Object.entries(contentOf(received))) {
        assert.deepEqual(value, frame.frame_payload[name], `${path}: ${name}`);
      }
      count++;
    }
    assert.equal(count, GOOD_FRAMES);
  },
});

Deno.test({
  ...frames.needed,
  name: "a server refuses wrong frames with the error of RFC 9113",
  async fn() {
    let count = 0;
    for (const [path, { wire, error }] of await cases()) {
      if (error === null) continue;
      await using stage = await againstServer({
        maxFrameSize: MIN_MAX_FRAME_SIZE,
      });
      await checkRefused(stage.peer, { path, wire, error });
      count++;
    }
    assert.equal(count, WRONG_FRAMES);
  },
});

Deno.test({
  ...frames.needed,
  name: "a client refuses wrong frames with the error of RFC 9113",
  async fn() {
    for (const [path, { wire, error }] of await cases()) {
      if (error === null) continue;
      await using stage = await againstClient({
        maxFrameSize: MIN_MAX_FRAME_SIZE,
      });
      await checkRefused(stage.peer, { path, wire, error });
    }
  },
});

Deno.test({
  ...frames.needed,
  name: "PUSH_PROMISE is refused in both roles, well-formed or not",
  async fn() {
    const pushes = [...await cases()].filter(([path]) => /push_/.test(path));
    for (const [path, { wire }] of pushes) {
      const error = [ErrorCode.PROTOCOL_ERROR];
      await using server = await againstServer();
      await checkRefused(server.peer, { path, wire, error });
      await using client = await againstClient();
      await checkRefused(client.peer, { path, wire, error });
    }
    assert.equal(pushes.length, 5);
  },
});

async function cases(): Promise<ReadonlyMap<string, Case>> {
  const files = await frames.read(/\.json$/);
  return new Map([...files].map(([path, text]) => [path, JSON.parse(text)]));
}

/** Sends a frame and expects that the connection or its stream ends with one of the errors. */
async function checkRefused(
  peer: RawPeer,
  { path, wire, error }: {
    readonly path: string;
    readonly wire: string;
    readonly error: readonly number[];
  },
): Promise<void> {
  await peer.raw(Uint8Array.fromHex(wire));
  const code = await within(refusal(peer), `${path} to be refused`);
  const names = error.map((each) => errorCodeName(each));
  assert.ok(error.includes(code), `${path}: ${errorCodeName(code)}, ${names}`);
}

async function refusal(peer: RawPeer): Promise<number> {
  for (;;) {
    const frame = await peer.next();
    if (frame === undefined) throw new Error("The connection just ended");
    if (frame.type === FrameType.GOAWAY) return readUint32(frame.payload, 4);
    if (frame.type === FrameType.RST_STREAM) {
      return readUint32(frame.payload, 0);
    }
  }
}

async function readFrame(wire: Uint8Array): Promise<Received> {
  const [near, far] = createMemoryDuplex(1024);
  await near.write(wire);
  await near.closeWrite();
  const found: Received[] = [];
  const pieces: number[] = [];
  const reader = new FrameReader({
    onFrame: (header, payload) =>
      found.push({ header, payload: payload.slice(), padding: 0 }),
    onData: (header, padding) =>
      found.push({ header, payload: new Uint8Array(0), padding }),
    onContent: ({ bytes }, start, end) =>
      pieces.push(...bytes.subarray(start, end)),
    onDataEnd() {},
  }, {
    readBuffers: new ReadBufferPool(MIN_MAX_FRAME_SIZE * 2),
    maxFrameSize: MIN_MAX_FRAME_SIZE,
    expectPreface: false,
  });
  await reader.run(far);
  const [frame, ...others] = found;
  assert.ok(
    frame !== undefined && others.length === 0 && reader.isBetweenFrames,
  );
  return pieces.length === 0
    ? frame
    : { ...frame, payload: new Uint8Array(pieces) };
}

/** What we take out of a payload, by the archive's names. Priorities are not used. */
function contentOf({ header, payload, padding }: Received): Payload {
  switch (header.type) {
    case FrameType.DATA:
      return { data: textOf(payload), padding_length: padding - 1 };
    case FrameType.HEADERS:
    case FrameType.CONTINUATION:
      return { header_block_fragment: textOf(fragmentOf(header, payload)) };
    case FrameType.RST_STREAM:
      return { error_code: readUint32(payload, 0) };
    case FrameType.SETTINGS: {
      const { headerTableSize, maxConcurrentStreams } = decodeSettings(
        payload,
        INITIAL_SETTINGS,
      );
      return { settings: [[1, headerTableSize], [3, maxConcurrentStreams]] };
    }
    case FrameType.PING:
      return { opaque_data: textOf(payload) };
    case FrameType.GOAWAY:
      return {
        last_stream_id: readUint31(payload, 0),
        error_code: readUint32(payload, 4),
      };
    case FrameType.WINDOW_UPDATE:
      return { window_size_increment: readUint31(payload, 0) };
    default:
      return {};
  }
}

/** The part of a field block in HEADERS or CONTINUATION, as the assembler has it. */
function fragmentOf(header: FrameHeader, payload: Uint8Array): Uint8Array {
  const assembler = new FieldBlockAssembler({
    maxContinuations: 1,
    maxBytes: 1024,
  });
  if (header.type === FrameType.HEADERS) {
    const block = assembler.begin(header, payload);
    assert.ok(block !== undefined);
    return block.bytes;
  }
  const { streamId } = header;
  assembler.begin(
    { length: 0, type: FrameType.HEADERS, flags: 0, streamId },
    new Uint8Array(0),
  );
  assembler.checkOrder(header);
  const flags = header.flags | Flag.END_HEADERS;
  const block = assembler.continue({ ...header, flags }, payload);
  assert.ok(block !== undefined);
  return block.bytes;
}
