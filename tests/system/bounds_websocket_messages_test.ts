/** Promise: floods of messages hold their sender back, and memory does not grow with them. @module */
import assert from "node:assert/strict";
import { until } from "../testing/deadline.ts";
import {
  openWebSocket,
  type SocketPeer,
  startWebSocketSite,
} from "../testing/websocket_peers.ts";
import { PLACES, startPluginSystem } from "./plugin_system.ts";

const PIECE = 64 * 1024;

/** 26 MB. */
const COUNT = 400;

/** What may leave the site while the browser does not read: windows and buffers of all legs. */
const MAX_LEFT = 16 * 1024 * 1024;

Deno.test("a browser that does not read holds the site back", async () => {
  await using site = await startWebSocketSite({ perMessageDeflate: false });
  await using tunnel = await startPluginSystem({
    "seen.js": `export default { message() {} };`,
  });
  const url = `ws://chat.test:${site.port}/`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();
  browser.socket.pause();

  let left = 0;
  for (let at = 0; at < COUNT; at++) {
    far.socket.send(new Uint8Array(PIECE), () => left += PIECE);
  }
  await until("the flood to stop", stopped(() => left));
  const leftAtPause = left;
  browser.socket.resume();
  await until("all messages", () => browser.waiting === COUNT);

  assert.ok(leftAtPause > 0);
  assert.ok(leftAtPause < MAX_LEFT, `${leftAtPause} bytes have left the site`);
});

for (const place of PLACES) {
  Deno.test(`10,000 small messages pass in order, many in one call (${place})`, async () => {
    await using site = await startWebSocketSite({ perMessageDeflate: false });
    await using tunnel = await startPluginSystem({
      "count.js": `let count = 0;
        export default {
          message(m) {
            if (m.from === "browser") m.data = m.data + " " + count++;
          },
        };`,
    }, {
      place,
      client: { apiAddress: { hostname: "127.0.0.1", port: 0 } },
    });
    const url = `ws://chat.test:${site.port}/`;
    using browser = await openWebSocket(url, tunnel.proxy);
    using far = await site.accept();
    const count = 10_000;

    for (let at = 0; at < count; at++) browser.socket.send(`m${at}`);
    await until("all messages", () => far.waiting === count);

    await inOrder(far, count);
    const answer = await fetch(`${tunnel.system.client.apiUrl}metrics`);
    const [, calls] =
      /plugin_calls_total\{plugin="count",hook="message"\} (\d+)/
        .exec(await answer.text()) ?? [];
    assert.ok(Number(calls) < count / 4, `${calls} calls`);
  });
}

async function inOrder(peer: SocketPeer, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    assert.equal(await peer.next(), `m${at} ${at}`);
  }
}

/** Tells whether a number has stayed the same for 30 looks. */
function stopped(value: () => number): () => boolean {
  let last = -1;
  let same = 0;
  return () => {
    same = value() === last ? same + 1 : 0;
    last = value();
    return same >= 30;
  };
}

Deno.test("a message above 16 MiB closes both ends with 1009, and is counted", async () => {
  await using site = await startWebSocketSite();
  await using tunnel = await startPluginSystem({
    "seen.js": `export default { message() {} };`,
  }, { client: { apiAddress: { hostname: "127.0.0.1", port: 0 } } });
  const url = `ws://chat.test:${site.port}/`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();

  // It is compressed to a few kilobytes.
  await far.send(new Uint8Array(16 * 1024 * 1024 + 1));

  assert.equal((await browser.ended).code, 1009);
  assert.equal((await far.ended).code, 1009);
  const answer = await fetch(`${tunnel.system.client.apiUrl}metrics`);
  assert.match(
    await answer.text(),
    /\nsallyport_plugin_websockets_closed_total\{code="1009"\} 1\n/,
  );
});
