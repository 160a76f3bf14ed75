import assert from "node:assert/strict";
import type { Http2ServerStream } from "../../../src/http2/api.ts";
import { get, type Pair, readAll, startPair } from "../pairs.ts";

const MIB = 1024 * 1024;
const STREAMS = 64;
/** Of each stream; all together far exceed what may be unread. */
const CONTENT = 512 * 1024;

async function sendMuch(stream: Http2ServerStream): Promise<void> {
  await stream.respond([":status", "200"]);
  let rest = new Uint8Array(CONTENT);
  while (rest.length > 0) rest = rest.subarray(await stream.write(rest));
  await stream.closeWrite();
}

/** Resolves when nothing flows any more, because both sides wait. */
async function untilQuiet({ client, server }: Pair): Promise<void> {
  let before = -1;
  while (client.stats.unreadBytes !== before) {
    before = client.stats.unreadBytes;
    // What was in flight has arrived when both have responded.
    await client.ping();
    await server.ping();
    await client.ping();
  }
}

Deno.test("unread content stays below maxUnread and one window, however many streams there are", async () => {
  const maxUnread = 2 * MIB;
  const connectionWindow = MIB;
  await using pair = await startPair(sendMuch, {
    client: { maxUnread, connectionWindow, maxWindow: connectionWindow },
  });
  const { client } = pair;
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, () => client.request(get())),
  );
  await Promise.all(streams.map(({ response }) => response));

  await untilQuiet(pair);
  const unread = client.stats.unreadBytes;
  // Streams that are read go on, and so do those behind them.
  const contents = await Promise.all(streams.map(readAll));

  assert.ok(unread > maxUnread, `${unread} is where credit stops`);
  assert.ok(unread <= maxUnread + connectionWindow, `${unread} is bounded`);
  for (const content of contents) assert.equal(content.length, CONTENT);
  assert.equal(client.stats.unreadBytes, 0);
});
