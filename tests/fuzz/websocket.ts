/**
 * WebSocket: any bytes give messages, or one of our own errors; messages that
 * were read are written so that they are read the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { constants, deflateRawSync } from "node:zlib";
import { WebSocketError } from "../../src/websocket/errors.ts";
import type { Item } from "../../src/websocket/messages/message.ts";
import { MessageReader } from "../../src/websocket/messages/message_reader.ts";
import {
  MessageBudget,
  MessageRoom,
} from "../../src/websocket/messages/message_room.ts";
import { MessageWriter } from "../../src/websocket/messages/message_writer.ts";
import { concat } from "../testing/byte_scanner.ts";
import type { Random } from "../http2/hpack/random.ts";
import { rawFrame, sourceOf } from "../websocket/raw_frames.ts";
import { damage, type FuzzTarget, pick, randomBytes } from "./target.ts";

const MAX_MESSAGE = 10_000;
const DEFLATE = { hasNoContext: false, windowBits: 15 };

/** Frames as a site sends them, seldom all in their place. */
function randomFrames(random: Random): Uint8Array {
  const frames = Array.from({ length: 1 + random(6) }, () => {
    const opcode = pick(random, [0, 1, 1, 2, 2, 8, 9, 10, 3]);
    const content = random(3) === 0
      ? new TextEncoder().encode("a€".repeat(random(300)))
      : randomBytes(random, 60);
    const isCompressed = opcode < 8 && random(3) === 0;
    const payload = isCompressed
      ? deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH })
        .subarray(0, -4)
      : content;
    return rawFrame({
      opcode,
      payload,
      isFinal: random(4) > 0,
      reserved: isCompressed ? 4 : random(30) === 0 ? 1 : 0,
    });
  });
  const bytes = concat(frames);
  return random(3) === 0 ? damage(random, bytes) : bytes;
}

/** What was read, and the error that ended it, if one did. */
async function readAll(
  bytes: Uint8Array,
  size: number,
): Promise<{ readonly items: readonly Item[]; readonly error: unknown }> {
  const room = new MessageRoom(new MessageBudget());
  const reader = new MessageReader(sourceOf(bytes, size), {
    ...{ isMasked: false, deflate: DEFLATE, room, maxMessage: MAX_MESSAGE },
  });
  const items: Item[] = [];
  try {
    for (;;) {
      const item = await reader.next();
      if (item === undefined) return { items, error: undefined };
      items.push(item);
    }
  } catch (error) {
    return { items, error };
  } finally {
    reader.close();
  }
}

async function write(items: readonly Item[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const sink = {
    write(bytes: Uint8Array): Promise<number> {
      pieces.push(bytes.slice());
      return Promise.resolve(bytes.length);
    },
  };
  const writer = new MessageWriter(sink, { isMasked: false, deflate: DEFLATE });
  await writer.write(items);
  writer.close();
  return concat(pieces);
}

function plain(items: readonly Item[]): unknown {
  return items.map((item) =>
    item.kind === "message"
      ? [typeof item.data, String(item.data), item.isCompressed]
      : [item.kind, String(item.payload)]
  );
}

/** Frames of a site, read and written again. */
export const WEBSOCKET_MESSAGES: FuzzTarget = {
  name: "messages of WebSockets are read, and written as they were read",
  async round(random) {
    const bytes = randomFrames(random);
    const { items, error } = await readAll(bytes, pick(random, [1, 5, 9_999]));
    const isOwn = error === undefined || error instanceof WebSocketError ||
      error instanceof Deno.errors.UnexpectedEof;
    assert.ok(isOwn, String(error));
    const again = await readAll(await write(items), 9_999);
    assert.equal(again.error, undefined);
    assert.deepEqual(plain(again.items), plain(items));
    return error instanceof WebSocketError
      ? `closed with ${error.code}`
      : `${items.length} items`;
  },
};
