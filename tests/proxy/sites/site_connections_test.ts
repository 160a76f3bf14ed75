/** Which connection a request gets. */
import assert from "node:assert/strict";
import type { Http2Connection } from "../../../src/http2/api.ts";
import type { Http2Options } from "../../../src/http2/options.ts";
import { startHttp2Server } from "../../../src/http2/server.ts";
import type { ByteStream } from "../../../src/net/stream/byte_stream.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";
import {
  Http2Connections,
  type Http2Site,
} from "../../../src/proxy/sites/http2_connections.ts";
import { SiteConnections } from "../../../src/proxy/sites/site_connections.ts";
import { within } from "../../testing/deadline.ts";

/** A site that chooses `protocol`, and whose dials a test can hold up. */
class FakeSite implements AsyncDisposable {
  readonly servers: Http2Connection[] = [];
  readonly offers: (readonly string[])[] = [];
  readonly streams: (ByteStream & { isClosed?: boolean })[] = [];
  protocol = "h2";
  /** A dial waits for it. */
  gate: Promise<unknown> = Promise.resolve();
  readonly #options: Http2Options;

  constructor(options: Http2Options = {}) {
    this.#options = options;
  }

  readonly dial = async (offer: readonly string[]): Promise<ByteStream> => {
    this.offers.push(offer);
    await this.gate;
    const [near, far] = streamPair();
    const alpnProtocol = offer.includes(this.protocol)
      ? this.protocol
      : "http/1.1";
    if (alpnProtocol === "h2") {
      const server = startHttp2Server(far, {
        ...{ closeTimeout: 10, onStream: () => {} },
        ...this.#options,
      });
      server.done.catch(() => {});
      this.servers.push(server);
    }
    const stream: FakeSite["streams"][number] = {
      alpnProtocol,
      read: (into) => near.read(into),
      write: (bytes) => near.write(bytes),
      closeWrite: () => near.closeWrite(),
      close() {
        stream.isClosed = true;
        near.close();
      },
    };
    this.streams.push(stream);
    return stream;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.servers.map((server) => server[Symbol.asyncDispose]()),
    );
  }
}

/** The HTTP/2 connection that a request gets. */
async function http2Of(
  sites: SiteConnections,
  site: FakeSite,
  key = "a",
): Promise<Http2Site> {
  const got = await within(sites.acquire(key, site.dial), "a connection");
  assert.ok(got.protocol === "h2");
  return got.http2;
}

Deno.test("requests at once end up on one connection, also the first ones", async () => {
  await using site = new FakeSite();
  await using sites = new SiteConnections({ idleTimeout: 60_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  site.gate = promise;

  const first = [http2Of(sites, site), http2Of(sites, site)];
  resolve();
  const [one, two] = await Promise.all(first);
  const three = await http2Of(sites, site);

  assert.equal(two, one);
  assert.equal(three, one);
  assert.equal(site.streams.length, 2);
  assert.deepEqual(site.streams.map(({ isClosed }) => isClosed ?? false), [
    false,
    true,
  ]);
});

Deno.test("a site that is known to speak HTTP/2 is dialled once for all requests, and again after a failure", async () => {
  await using site = new FakeSite();
  await using sites = new SiteConnections({ idleTimeout: 60_000 });
  const one = await http2Of(sites, site);
  await one.client[Symbol.asyncDispose]();
  const { promise, reject } = Promise.withResolvers<void>();
  site.gate = promise;

  const failing = http2Of(sites, site);
  const waiting = http2Of(sites, site);
  site.gate = Promise.resolve();
  reject(new Error("refused"));
  await assert.rejects(failing, { message: "refused" });
  const two = await waiting;
  const three = await http2Of(sites, site);

  assert.notEqual(two, one);
  assert.equal(three, two);
  assert.equal(site.offers.length, 3);
});

Deno.test("requests that find a connection at once have as many places as it has", async () => {
  await using site = new FakeSite();
  await using sites = new SiteConnections({
    idleTimeout: 60_000,
    maxRequests: 2,
  });
  const first = await http2Of(sites, site);
  first.release();

  const got = await Promise.all(
    Array.from({ length: 5 }, () => http2Of(sites, site)),
  );

  const counts = new Map<Http2Site, number>();
  for (const each of got) counts.set(each, (counts.get(each) ?? 0) + 1);
  assert.ok(Math.max(...counts.values()) <= 2);
  assert.equal(counts.get(first), 2);
});

Deno.test("keys share nothing", async () => {
  await using site = new FakeSite();
  await using sites = new SiteConnections({ idleTimeout: 60_000 });

  assert.notEqual(
    await http2Of(sites, site, "a"),
    await http2Of(sites, site, "b"),
  );
});

Deno.test("a connection takes as many requests as site and limit allow", async () => {
  for (
    const [maxConcurrentStreams, maxRequests, room] of [
      [2, 100, 2],
      [100, 3, 3],
      [2, 2, 2],
    ] as const
  ) {
    await using site = new FakeSite({ maxConcurrentStreams });
    await using connections = new Http2Connections({
      idleTimeout: 60_000,
      maxRequests,
    });
    const one = connections.add("a", await site.dial(["h2"]));
    await within(one.client.ping(), "the settings");

    for (let at = 0; at < room; at++) {
      assert.equal(connections.find("a"), one);
      one.begin();
    }
    assert.equal(connections.find("a"), undefined);
    one.release();
    assert.equal(connections.find("a"), one);
    one.giveUp();
    assert.equal(connections.find("a"), undefined);
  }
});

Deno.test("a connection says whether it was used before", async () => {
  await using site = new FakeSite();
  await using sites = new SiteConnections({ idleTimeout: 60_000 });
  const acquire = async () => {
    const got = await sites.acquire("a", site.dial);
    assert.ok(got.protocol === "h2");
    return got;
  };

  const { http2: one, reused } = await acquire();
  const { http2: again, reused: reusedAgain } = await acquire();

  assert.equal(again, one);
  assert.deepEqual([reused, reusedAgain], [false, true]);
  one.release();
  assert.equal(one.isIdle, false);
  one.release();
  assert.equal(one.isIdle, true);
  assert.equal((await acquire()).reused, true);
});

Deno.test("of idle connections as many are kept as the limit says", async () => {
  await using site = new FakeSite();
  await using connections = new Http2Connections({
    idleTimeout: 60_000,
    maxIdle: 2,
  });
  const all: Http2Site[] = [];
  for (const key of ["a", "b", "c"]) {
    const added = connections.add(key, await site.dial(["h2"]));
    added.begin();
    all.push(added);
  }

  for (const each of all) each.release();
  await within(all[2]?.client.done ?? Promise.reject(), "the third to end");

  assert.equal(connections.find("a"), all[0]);
  assert.equal(connections.find("b"), all[1]);
  assert.equal(connections.find("c"), undefined);
});

Deno.test("a connection that is used again is not closed as idle", async () => {
  await using site = new FakeSite();
  await using connections = new Http2Connections({ idleTimeout: 20 });
  const one = connections.add("a", await site.dial(["h2"]));
  const other = connections.add("b", await site.dial(["h2"]));
  for (const each of [one, other]) {
    each.begin();
    each.release();
  }
  one.begin();

  await within(other.client.done, "the idle one to end");
  await within(one.client.ping(), "an echo");

  assert.equal(connections.find("a"), one);
  assert.equal(connections.find("b"), undefined);
});

Deno.test("a site that requires HTTP/1.1 is offered nothing else, and its HTTP/2 is used no more", async () => {
  await using site = new FakeSite();
  await using sites = new SiteConnections({ idleTimeout: 60_000 });
  await http2Of(sites, site);

  sites.requireHttp1("a");
  const next = await sites.acquire("a", site.dial);
  const other = await http2Of(sites, site, "b");

  assert.ok(next.protocol === "http/1.1");
  next.http1.release(false);
  assert.deepEqual(site.offers, [
    ["h2", "http/1.1"],
    ["http/1.1"],
    ["h2", "http/1.1"],
  ]);
  assert.ok(other.client.acceptsStreams);
});

Deno.test("connections of HTTP/1.1 are kept for one request after the other", async () => {
  await using site = new FakeSite();
  site.protocol = "http/1.1";
  await using sites = new SiteConnections({ idleTimeout: 60_000 });
  const acquire = async (fresh = false) => {
    const got = fresh
      ? await sites.acquire("a", site.dial, { fresh })
      : await sites.acquire("a", site.dial);
    assert.ok(got.protocol === "http/1.1");
    return got.http1;
  };

  const one = await acquire();
  const two = await acquire();
  assert.notEqual(two.connection, one.connection);
  one.release(true);
  const again = await acquire();
  assert.equal(again.connection, one.connection);
  again.release(true);
  const fresh = await acquire(true);

  assert.notEqual(fresh.connection, one.connection);
  two.release(false);
  fresh.release(false);
});

Deno.test("a connection that brings nothing for 5 s after a request gets no other one, until it brings something", async () => {
  let now = 1_000;
  await using site = new FakeSite();
  await using connections = new Http2Connections({
    idleTimeout: 60_000,
    now: () => now,
  });
  const one = connections.add("a", await site.dial(["h2"]));
  await within(one.client.ping(), "the settings");

  // Silence without a request means nothing.
  now += 60_000;
  assert.equal(connections.find("a"), one);
  one.begin();
  now += 5_000;
  assert.equal(connections.find("a"), one);
  one.begin();
  now += 1;
  assert.equal(connections.find("a"), undefined);
  await within(one.client.ping(), "an echo");
  assert.equal(connections.find("a"), one);
  now += 60_000;
  one.begin();
  now += 5_000;
  assert.equal(connections.find("a"), one);
  now += 1;
  assert.equal(connections.find("a"), undefined);
  for (let at = 0; at < 3; at++) one.release();
  assert.equal(connections.find("a"), one);
});

Deno.test("a connection that ends is forgotten, and others of its site are not", async () => {
  await using site = new FakeSite();
  await using connections = new Http2Connections({ idleTimeout: 60_000 });
  const [one, two, three] = await Promise.all(
    [1, 2, 3].map(async () => connections.add("a", await site.dial(["h2"]))),
  );
  assert.ok(one && two && three);
  const end = async (each: Http2Site) => {
    await each.client[Symbol.asyncDispose]();
    await within(each.client.done, "the connection to end");
  };

  assert.equal(connections.find("a"), one);
  await end(two);
  assert.equal(connections.find("a"), one);
  await end(one);
  assert.equal(connections.find("a"), three);
  await end(three);
  assert.equal(connections.find("a"), undefined);
});

Deno.test("a connection that is opened after the end is closed at once", async () => {
  await using site = new FakeSite();
  const sites = new SiteConnections({ idleTimeout: 60_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  site.gate = promise;
  const late = http2Of(sites, site);

  await sites[Symbol.asyncDispose]();
  resolve();

  await within((await late).client.done, "the late connection to end");
});
