/** A connection to a site: how many requests it takes, and when it is closed. */
import assert from "node:assert/strict";
import type { Http2Client } from "../../../src/http2/api.ts";
import { startHttp2Server } from "../../../src/http2/server.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";
import {
  Http2Connections,
  Http2Site,
} from "../../../src/proxy/sites/http2_connections.ts";

/** A connection that only says what a test sets. */
function siteOf() {
  const clock = { now: 0 };
  const state = { acceptsStreams: true, bytesReceived: 0, closed: 0, most: 9 };
  const idle: string[] = [];
  const client = {
    get acceptsStreams() {
      return state.acceptsStreams;
    },
    get peerSettings() {
      return { maxConcurrentStreams: state.most };
    },
    get stats() {
      return { bytesReceived: state.bytesReceived };
    },
    [Symbol.asyncDispose]() {
      state.closed++;
      return Promise.resolve();
    },
  } as unknown as Http2Client;
  const site = new Http2Site(client, {
    onIdle: () => idle.push("idle"),
    now: () => clock.now,
  });
  return { site, clock, state, idle };
}

Deno.test("a connection takes as many requests as site and limit allow", () => {
  const { site, state } = siteOf();
  state.most = 2;
  assert.equal(site.isIdle, true);
  site.begin();
  assert.deepEqual([site.isIdle, site.hasRoom(5), site.hasRoom(1)], [
    ...[false, true, false],
  ]);
  site.begin();
  assert.equal(site.hasRoom(5), false);
  site.release();
  assert.equal(site.hasRoom(5), true);
  state.acceptsStreams = false;
  assert.equal(site.hasRoom(5), false);
  state.acceptsStreams = true;
  site.giveUp();
  assert.equal(site.hasRoom(5), false);
});

Deno.test("a connection says whether it had a request, and when it has none", () => {
  const { site, idle, state } = siteOf();
  assert.equal(site.begin(), false);
  assert.equal(site.begin(), true);
  site.release();
  assert.deepEqual(idle, []);
  site.release();
  assert.deepEqual(idle, ["idle"]);
  assert.equal(site.begin(), true);
  site.close();
  assert.equal(state.closed, 1);
});

Deno.test("a connection that brings nothing for more than 5 s takes no other request", () => {
  const { site, clock, state } = siteOf();
  clock.now = 1_000;
  site.begin();
  clock.now = 6_000;
  site.begin();
  assert.equal(site.hasRoom(9), true);
  clock.now = 6_001;
  assert.equal(site.hasRoom(9), false);

  state.bytesReceived = 1;
  assert.equal(site.hasRoom(9), true);
  site.begin();
  clock.now = 11_001;
  assert.equal(site.hasRoom(9), true);
  clock.now = 11_002;
  assert.equal(site.hasRoom(9), false);
});

Deno.test("a connection that is idle is not silent, however long", () => {
  const { site, clock } = siteOf();
  site.begin();
  site.release();
  clock.now = 1_000_000;
  assert.equal(site.hasRoom(9), true);
  site.begin();
  clock.now += 5_000;
  assert.equal(site.hasRoom(9), true);
});

Deno.test("256 idle connections are kept by default, with 100 requests each", async () => {
  const servers: AsyncDisposable[] = [];
  const connections = new Http2Connections({ idleTimeout: 60_000 });
  const open = (key: string) => {
    const [near, far] = streamPair();
    const server = startHttp2Server(far, { closeTimeout: 1, onStream() {} });
    server.done.catch(() => {});
    servers.push(server);
    return connections.add(key, near);
  };
  const first = open("a");
  for (let count = 0; count < 100; count++) {
    assert.equal(connections.find("a"), first);
    first.begin();
  }
  assert.equal(connections.find("a"), undefined);
  assert.equal(connections.find("b"), undefined);
  first.release();
  assert.equal(connections.find("a"), first);

  await connections[Symbol.asyncDispose]();
  await first.client.done.catch(() => {});
  assert.equal(connections.find("a"), undefined);
  await Promise.all(servers.map((each) => each[Symbol.asyncDispose]()));
});
