/**
 * A peer that sends what a test wants, frame by frame, and shows what comes
 * back.
 */
import assert from "node:assert/strict";
import type {
  Http2Connection,
  Http2ServerStream,
} from "../../src/http2/api.ts";
import type { Http2Client } from "../../src/http2/api.ts";
import { startHttp2Client } from "../../src/http2/client.ts";
import {
  CLIENT_PREFACE,
  Flag,
  type FrameHeader,
  frameName,
  FrameType,
  HEADER_SIZE,
  readFrameHeader,
  readUint32,
  writeFrameHeader,
  writeUint32,
} from "../../src/http2/frames/frame_header.ts";
import { HpackDecoder } from "../../src/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../src/http2/hpack/encoder.ts";
import type { Http2Options } from "../../src/http2/options.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { ByteScanner } from "../testing/byte_scanner.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../testing/memory_duplex.ts";

/** A frame as received. */
export interface Frame extends FrameHeader {
  readonly payload: Uint8Array;
}

/** Plays one side for a test. */
export class RawPeer {
  readonly conn: MemoryConn;
  readonly #scanner: ByteScanner;
  readonly #encoder = new HpackEncoder();
  readonly #decoder = new HpackDecoder();

  constructor(conn: MemoryConn) {
    this.conn = conn;
    this.#scanner = new ByteScanner(conn);
  }

  /** Sends bytes as they are. */
  async raw(bytes: Uint8Array): Promise<void> {
    await writeAll(this.conn, bytes);
  }

  /** Sends a frame. */
  async send(
    type: number,
    { flags = 0, streamId = 0, payload = new Uint8Array(0) }: {
      readonly flags?: number;
      readonly streamId?: number;
      readonly payload?: Uint8Array;
    } = {},
  ): Promise<void> {
    const { length } = payload;
    const frame = new Uint8Array(HEADER_SIZE + length);
    writeFrameHeader(frame, 0, { length, type, flags, streamId });
    frame.set(payload, HEADER_SIZE);
    await this.raw(frame);
  }

  /** A field block, to be sent now. */
  block(fields: readonly string[]): Uint8Array {
    return this.#encoder.encode(fields).slice();
  }

  /** Sends HEADERS with END_HEADERS. */
  async headers(
    streamId: number,
    fields: readonly string[],
    flags = 0,
  ): Promise<void> {
    await this.send(FrameType.HEADERS, {
      streamId,
      flags: flags | Flag.END_HEADERS,
      payload: this.block(fields),
    });
  }

  /** Sends DATA. */
  async data(
    streamId: number,
    payload: Uint8Array,
    flags = 0,
  ): Promise<void> {
    await this.send(FrameType.DATA, { streamId, flags, payload });
  }

  /** Sends a frame whose payload is one number: RST_STREAM, WINDOW_UPDATE. */
  async number(type: number, streamId: number, value: number): Promise<void> {
    const payload = new Uint8Array(4);
    writeUint32(payload, 0, value);
    await this.send(type, { streamId, payload });
  }

  /** Reads a frame of any type; `undefined` at the end. */
  async next(): Promise<Frame | undefined> {
    const head = await this.#scanner.readExactly(HEADER_SIZE).catch(() => {});
    if (head === undefined) return undefined;
    const header = readFrameHeader(head, 0);
    const payload = await this.#scanner.readExactly(header.length);
    return { ...header, payload };
  }

  /** Reads up to a frame of `type`; others are skipped. */
  async expect(type: number): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      assert.ok(frame, `the connection ended before ${frameName(type)}`);
      if (frame.type === type) return frame;
    }
  }

  /** Reads up to HEADERS; returns their fields. */
  async expectFields(): Promise<string[]> {
    const { payload } = await this.expect(FrameType.HEADERS);
    return this.#decoder.decode(payload);
  }

  /** Expects RST_STREAM with `code` on a live connection. */
  async expectReset(streamId: number, code: number): Promise<void> {
    const frame = await this.expect(FrameType.RST_STREAM);
    assert.deepEqual(
      [frame.streamId, readUint32(frame.payload, 0)],
      [streamId, code],
    );
    await this.expectAlive();
  }

  /** Expects GOAWAY with `code`, then the end. */
  async expectGoAway(code: number): Promise<void> {
    const frame = await this.expect(FrameType.GOAWAY);
    assert.equal(readUint32(frame.payload, 4), code);
    this.conn.close();
  }

  /** Expects the acknowledgement of a PING and no GOAWAY before it. */
  async expectAlive(): Promise<void> {
    const payload = new Uint8Array(8).fill(7);
    await this.send(FrameType.PING, { payload });
    for (;;) {
      const frame = await this.next();
      assert.ok(frame, "the connection ended");
      assert.notEqual(frame.type, FrameType.GOAWAY);
      if (frame.type !== FrameType.PING) continue;
      if ((frame.flags & Flag.ACK) !== 0 && frame.payload[0] === 7) return;
    }
  }
}

/** One side of ours, and a peer played by the test. */
export interface Stage<C extends Http2Connection> extends AsyncDisposable {
  readonly peer: RawPeer;
  readonly ours: C;
}

/** Options of a stage. */
export interface StageOptions extends Http2Options {
  /** Bytes that fit between the two sides. Default 1 MiB. */
  readonly room?: number;
  /** Whether the peer sends its preface and empty SETTINGS first. Default `true`. */
  readonly sendPreface?: boolean;
  onStream?(stream: Http2ServerStream): void;
}

/** Our server, and a client played by the test. */
export async function againstServer(
  { sendPreface = true, room = 1 << 20, onStream = () => {}, ...options }:
    StageOptions = {},
): Promise<Stage<Http2Connection>> {
  const [theirs, conn] = createMemoryDuplex(room);
  const ours = startHttp2Server(conn, {
    closeTimeout: 100,
    ...options,
    onStream,
  });
  const peer = new RawPeer(theirs);
  if (sendPreface) {
    await peer.raw(CLIENT_PREFACE);
    await peer.send(FrameType.SETTINGS);
  }
  return stage(peer, ours);
}

/** Our client, and a server played by the test. */
export async function againstClient(
  { sendPreface = true, onStream: _, ...options }: StageOptions = {},
): Promise<Stage<Http2Client>> {
  const [theirs, conn] = createMemoryDuplex(1 << 20);
  const ours = startHttp2Client(conn, { closeTimeout: 100, ...options });
  const peer = new RawPeer(theirs);
  const preface = new Uint8Array(CLIENT_PREFACE.length);
  for (let at = 0; at < preface.length;) {
    at += await theirs.read(preface.subarray(at)) ?? preface.length;
  }
  assert.deepEqual(preface, CLIENT_PREFACE);
  if (sendPreface) await peer.send(FrameType.SETTINGS);
  return stage(peer, ours);
}

function stage<C extends Http2Connection>(peer: RawPeer, ours: C): Stage<C> {
  return {
    peer,
    ours,
    async [Symbol.asyncDispose]() {
      peer.conn.close();
      await ours[Symbol.asyncDispose]();
    },
  };
}
