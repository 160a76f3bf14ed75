import assert from "node:assert/strict";
import {
  ConnectionPool,
  type PooledConnection,
} from "../../../src/http1/client/connection_pool.ts";
import type { ByteStream } from "../../../src/net/stream/byte_stream.ts";
import { bytesOf, writeAll } from "../../testing/byte_scanner.ts";
import { within } from "../../testing/deadline.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../../testing/memory_duplex.ts";

/** Origins in memory, and how often each was closed. */
class Origins {
  readonly far: MemoryConn[] = [];

  readonly dial = (): Promise<ByteStream> => {
    const [near, far] = createMemoryDuplex(64);
    this.far.push(far);
    return Promise.resolve(near);
  };

  /** Resolves when the connection that was dialled as number `at` is closed. */
  async closed(at: number): Promise<void> {
    const reading = this.far[at]?.read(new Uint8Array(1));
    assert.equal(
      await within(Promise.resolve(reading), "the connection to be closed"),
      null,
    );
  }
}

/** An idle connection, or a new one. */
async function acquire(
  pool: ConnectionPool,
  key: string,
  origins: Origins,
): Promise<PooledConnection> {
  return pool.take(key) ?? pool.add(key, await origins.dial());
}

async function keep(
  pool: ConnectionPool,
  origins: Origins,
  keys: readonly string[],
): Promise<void> {
  const lent: PooledConnection[] = [];
  for (const key of keys) lent.push(await acquire(pool, key, origins));
  for (const one of lent) one.release(true);
}

Deno.test("ConnectionPool reuses an idle connection for the same key", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();
  const first = await acquire(pool, "a", origins);
  first.release(true);

  const other = await acquire(pool, "b", origins);
  const again = await acquire(pool, "a", origins);

  assert.equal(again.connection, first.connection);
  assert.deepEqual([first.reused, other.reused, again.reused], [
    false,
    false,
    true,
  ]);
  other.release(false);
  again.release(false);
});

Deno.test("ConnectionPool lends a connection once at a time", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();

  const first = await acquire(pool, "a", origins);
  const second = await acquire(pool, "a", origins);

  assert.notEqual(first.connection, second.connection);
  first.release(false);
  second.release(false);
});

Deno.test("ConnectionPool closes what cannot be reused, once", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();
  const lent = await acquire(pool, "a", origins);

  lent.release(false);
  lent.release(true);

  await origins.closed(0);
  assert.equal(pool.idleCount, 0);
});

Deno.test("ConnectionPool takes a new connection beside an idle one", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();
  await keep(pool, origins, ["a"]);

  const lent = pool.add("a", await origins.dial());

  assert.equal(lent.reused, false);
  lent.release(false);
});

Deno.test("ConnectionPool drops a connection that the origin ends or sends on without a request", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();
  await keep(pool, origins, ["a", "a", "a"]);

  await origins.far[0]?.closeWrite();
  await origins.closed(0);
  origins.far[1]?.cut();
  const unasked = origins.far[2];
  if (unasked !== undefined) {
    await writeAll(unasked, bytesOf("HTTP/1.1 408 \r\n\r\n"));
  }
  await origins.closed(2);

  assert.equal(pool.idleCount, 0);
});

Deno.test("ConnectionPool keeps no more than its limits", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool({ maxIdlePerKey: 2, maxIdle: 3 });

  await keep(pool, origins, ["a", "a", "a", "b", "b"]);

  await origins.closed(2);
  await origins.closed(4);
  assert.equal(pool.idleCount, 3);
});

Deno.test("ConnectionPool closes connections that are idle for too long", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool({ idleTimeout: 10 });

  await keep(pool, origins, ["a", "b"]);

  await origins.closed(0);
  await origins.closed(1);
  assert.equal(pool.idleCount, 0);
});

Deno.test("ConnectionPool closes idle connections when it is disposed, and the others when they are released", async () => {
  const origins = new Origins();
  const pool = new ConnectionPool();
  await keep(pool, origins, ["a"]);
  const lent = await acquire(pool, "b", origins);

  await pool[Symbol.asyncDispose]();
  await origins.closed(0);
  lent.release(true);

  await origins.closed(1);
});

Deno.test("ConnectionPool keeps a connection once, however often it is released", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();
  const lent = await acquire(pool, "a", origins);

  lent.release(true);
  lent.release(true);
  lent.release(false);

  assert.equal(pool.idleCount, 1);
  assert.equal(pool.take("a")?.connection, lent.connection);
  assert.equal(pool.idleCount, 0);
  assert.equal(pool.take("a"), undefined);
  lent.connection.close();
});

Deno.test("ConnectionPool reuses the latest connection, and counts those that are left", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();
  await keep(pool, origins, ["a", "a"]);
  assert.equal(pool.idleCount, 2);

  const latest = await acquire(pool, "a", origins);
  const other = await acquire(pool, "a", origins);
  latest.release(true);
  assert.equal(pool.take("a")?.connection, latest.connection);

  assert.equal(pool.idleCount, 0);
  assert.notEqual(latest.connection, other.connection);
  latest.connection.close();
  other.release(false);
});

Deno.test("ConnectionPool does not drop a connection that is in use", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool();
  await keep(pool, origins, ["a", "b"]);
  const lent = await acquire(pool, "a", origins);

  const site = origins.far[0];
  assert.ok(site);
  await writeAll(site, bytesOf("x"));
  while (lent.connection.reader.buffered === 0) await undefined;

  assert.equal(pool.idleCount, 1);
  lent.release(false);
});

Deno.test("ConnectionPool closes each connection when its own time is over", async () => {
  const origins = new Origins();
  await using pool = new ConnectionPool({ idleTimeout: 30 });
  await keep(pool, origins, ["a"]);
  const startedAt = performance.now();
  const lent = pool.add("b", await origins.dial());
  while (performance.now() - startedAt < 15) await undefined;
  lent.release(true);
  assert.equal(pool.idleCount, 2);

  await origins.closed(0);
  await origins.closed(1);

  assert.ok(performance.now() - startedAt >= 40);
  assert.equal(pool.idleCount, 0);
});
