/** A site that keeps a WebSocket open: it answers pings and closes, and ignores messages. It may send one when it opens. */
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { streamPair } from "../net/stream/stream_pair.ts";
import type { WebSocketMessage } from "./messages/message.ts";
import { MessageReader } from "./messages/message_reader.ts";
import { type MessageBudget, MessageRoom } from "./messages/message_room.ts";
import { MessageWriter } from "./messages/message_writer.ts";

/** The stream to such a site. @param first What it sends when it opens; the caller bounds it. */
export function silentSite(
  budget: MessageBudget,
  first?: WebSocketMessage,
): ByteStream {
  const [own, far] = streamPair();
  void serve(own, new MessageRoom(budget), first);
  return far;
}

async function serve(
  stream: ByteStream,
  room: MessageRoom,
  first: WebSocketMessage | undefined,
): Promise<void> {
  const deflate = undefined;
  const reader = new MessageReader(stream, { isMasked: true, deflate, room });
  const writer = new MessageWriter(stream, { isMasked: false, deflate });
  try {
    if (first !== undefined) await writer.write([first]);
    for (;;) {
      const item = await reader.next();
      room.clear();
      if (item === undefined) break;
      if (item.kind === "message" || item.kind === "pong") continue;
      const { payload } = item;
      const kind = item.kind === "ping" ? "pong" : "close";
      await writer.write([{ kind, payload }]);
      if (kind === "close") break;
    }
    await stream.closeWrite();
  } catch {
    // The other end has gone: so does this one.
    stream.close();
  } finally {
    room.clear();
  }
}
