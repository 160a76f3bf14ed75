/**
 * A peer that floods one of our connections over a real socket, while another
 * connection of the same process goes on with its work.
 */
import assert from "node:assert/strict";
import type {
  Http2Client,
  Http2Connection,
  Http2ServerStream,
} from "../../src/http2/api.ts";
import {
  CLIENT_PREFACE,
  FrameType,
  HEADER_SIZE,
  readFrameHeader,
  readUint32,
  writeFrameHeader,
  writeUint32,
} from "../../src/http2/frames/frame_header.ts";
import { HpackEncoder } from "../../src/http2/hpack/encoder.ts";
import type { Http2Options } from "../../src/http2/options.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import { closeQuietly } from "../../src/net/stream/byte_stream.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { ByteScanner } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { connect, get, readAll, startPair } from "./pairs.ts";

const MIB = 1024 * 1024;

/** More than any flood needs before it is stopped. */
const MAX_BYTES = 64 * MIB;

/** What a flood may cost in memory, uncollected garbage included. */
const MAX_GROWTH = 64 * MIB;

/** A frame, for `frames`. */
export interface Frame {
  readonly type: number;
  readonly flags?: number;
  readonly streamId?: number;
  readonly payload?: Uint8Array;
}

/** The bytes of several frames. */
export function frames(...list: readonly Frame[]): Uint8Array {
  const size = list.reduce(
    (sum, { payload }) => sum + HEADER_SIZE + (payload?.length ?? 0),
    0,
  );
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { type, flags = 0, streamId = 0, payload } of list) {
    const length = payload?.length ?? 0;
    writeFrameHeader(bytes, at, { length, type, flags, streamId });
    if (payload !== undefined) bytes.set(payload, at + HEADER_SIZE);
    at += HEADER_SIZE + length;
  }
  return bytes;
}

/** The same frame `count` times. */
export function repeated(count: number, frame: Frame): Uint8Array {
  return frames(...Array.from({ length: count }, () => frame));
}

/** A frame whose payload is a number. */
export function numbered(
  type: number,
  streamId: number,
  value: number,
): Frame {
  const payload = new Uint8Array(4);
  writeUint32(payload, 0, value);
  return { type, streamId, payload };
}

/** A field block that needs no dynamic table. */
export function blockOf(fields: readonly string[]): Uint8Array {
  return new HpackEncoder({ maxTableSize: 0 }).encode(fields).slice();
}

/** The client side of a connection, without any manners. */
export class HostilePeer implements AsyncDisposable {
  readonly #conn: { write(bytes: Uint8Array): Promise<number>; close(): void };
  readonly #neverReads: boolean;
  readonly #reading: Promise<void>;
  readonly #seen = new Map<number, number>();
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();
  #goAway: number | undefined;
  #lastReset: number | undefined;

  /** @param neverReads Whether it leaves all that we send unread. */
  constructor(
    conn: Awaited<ReturnType<typeof connect>>[0],
    neverReads: boolean,
  ) {
    this.#neverReads = neverReads;
    this.#conn = conn;
    this.#reading = neverReads
      ? Promise.resolve()
      : this.#read(new ByteScanner(conn));
  }

  /** The code of the GOAWAY that came. */
  get goAway(): number | undefined {
    return this.#goAway;
  }

  /** The code of the last RST_STREAM that came. */
  get lastReset(): number | undefined {
    return this.#lastReset;
  }

  /** How many frames of a type came. */
  received(type: number): number {
    return this.#seen.get(type) ?? 0;
  }

  /** Waits until the frames that came make `condition` true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await within(this.#changed.promise, "another frame");
    }
  }

  /** Sends bytes; returns whether the connection still takes them. */
  async send(bytes: Uint8Array): Promise<boolean> {
    try {
      await writeAll(this.#conn, bytes);
      return this.#goAway === undefined;
    } catch {
      return false;
    }
  }

  /** Sends the result of `batch` repeatedly until the connection ends. */
  async flood(batch: (round: number) => Uint8Array): Promise<void> {
    let sent = 0;
    for (let round = 0;; round++) {
      const bytes = batch(round);
      if (!await this.send(bytes)) return;
      sent += bytes.length;
      if (sent < MAX_BYTES) continue;
      // Without reading it does not see that the connection has ended.
      assert.ok(this.#neverReads, `nothing stopped ${sent} bytes`);
      return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    closeQuietly(this.#conn);
    await this.#reading;
  }

  async #read(scanner: ByteScanner): Promise<void> {
    try {
      for (;;) {
        const header = readFrameHeader(
          await scanner.readExactly(HEADER_SIZE),
          0,
        );
        const payload = await scanner.readExactly(header.length);
        const { type } = header;
        this.#seen.set(type, this.received(type) + 1);
        if (type === FrameType.GOAWAY) this.#goAway = readUint32(payload, 4);
        if (type === FrameType.RST_STREAM) {
          this.#lastReset = readUint32(payload, 0);
        }
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      }
    } catch {
      // The connection has ended.
    }
  }
}

/** A hostile peer, our server, and an unrelated connection. */
export interface Attack extends AsyncDisposable {
  readonly peer: HostilePeer;
  readonly ours: Http2Connection;
  /** Requests that reached the handler. */
  readonly requests: number;
  /** Most bytes that were queued for the peer when a request came. */
  readonly mostQueued: number;
}

/** Options of an attack. */
export interface AttackOptions extends Http2Options {
  readonly neverReads?: boolean;
  /** The first SETTINGS of the peer, as payload. */
  readonly theirSettings?: Uint8Array;
  onStream?(stream: Http2ServerStream): Promise<void>;
}

/** Starts an attack. Its end checks the other connection and the memory. */
export async function startAttack(
  {
    neverReads = false,
    theirSettings = new Uint8Array(0),
    onStream = ignore,
    ...options
  }: AttackOptions = {},
): Promise<Attack> {
  await using stack = new AsyncDisposableStack();
  const bystander = stack.use(await startPair(answerHello));
  const before = memoryInUse();
  stack.defer(() => {
    const grown = memoryInUse() - before;
    assert.ok(grown < MAX_GROWTH, `memory has grown by ${grown} bytes`);
  });
  stack.defer(() => checkWell(bystander.client));
  const [theirs, conn] = await connect("tcp");
  const work = new Set<Promise<void>>();
  let requests = 0;
  let mostQueued = 0;
  const ours = startHttp2Server(conn, {
    closeTimeout: 50,
    ...options,
    onStream(stream) {
      requests++;
      mostQueued = Math.max(mostQueued, ours.stats.queuedBytes);
      const job = onStream(stream).catch(() => stream.close());
      work.add(job);
      job.finally(() => work.delete(job));
    },
  });
  stack.defer(async () => void await Promise.all(work));
  stack.use(ours);
  const peer = stack.use(new HostilePeer(theirs, neverReads));
  await peer.send(CLIENT_PREFACE);
  await peer.send(frames({ type: FrameType.SETTINGS, payload: theirSettings }));
  const all = stack.move();
  return {
    peer,
    ours,
    get requests() {
      return requests;
    },
    get mostQueued() {
      return mostQueued;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function ignore(stream: Http2ServerStream): Promise<void> {
  await stream.closed;
}

async function answerHello(stream: Http2ServerStream): Promise<void> {
  await stream.respond([":status", "200"]);
  await writeAll(stream, new TextEncoder().encode("hello"));
  await stream.closeWrite();
}

async function checkWell(client: Http2Client): Promise<void> {
  const stream = await within(
    client.request(get(), { endStream: true }),
    "the bystander's request",
  );
  const content = await within(readAll(stream), "the bystander's response");
  assert.equal(new TextDecoder().decode(content), "hello");
}

/** Of this thread: other tests may run beside this one. */
function memoryInUse(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
