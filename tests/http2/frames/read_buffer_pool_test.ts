/** Which buffers are kept for views, and for the next connections. */
import assert from "node:assert/strict";
import { ReadBufferPool } from "../../../src/http2/frames/read_buffer_pool.ts";

const KIB = 1024;

Deno.test("a piece of 8 KiB becomes a view, a shorter one is copied", () => {
  const pool = new ReadBufferPool(64 * KIB);
  assert.equal(pool.shouldView(8 * KIB), true);
  assert.equal(pool.shouldView(8 * KIB - 1), false);
});

Deno.test("a buffer is read into again, unless views of it are in use", () => {
  const pool = new ReadBufferPool(64 * KIB);
  const first = pool.current;
  assert.equal(first.bytes.length, 64 * KIB);
  assert.equal(pool.rotate(), first);

  pool.hold(first);
  pool.hold(first);
  pool.release(first);
  const second = pool.rotate();

  assert.notEqual(second, first);
  assert.equal(pool.current, second);
  assert.equal(first.views, 1);
});

Deno.test("views keep 16 buffers, and one more for each that is released", () => {
  const pool = new ReadBufferPool(64 * KIB);
  const kept = Array.from({ length: 16 }, () => {
    assert.equal(pool.shouldView(8 * KIB), true);
    const { current } = pool;
    pool.hold(current);
    pool.rotate();
    return current;
  });
  assert.equal(pool.shouldView(8 * KIB), false);

  const [first, second] = kept;
  assert.ok(first && second);
  pool.hold(first);
  pool.release(first);
  assert.equal(pool.shouldView(8 * KIB), false);
  pool.release(first);
  assert.equal(pool.shouldView(8 * KIB), true);
});

Deno.test("a view of the current buffer keeps nothing when it is released", () => {
  const pool = new ReadBufferPool(64 * KIB);
  pool.hold(pool.current);
  pool.release(pool.current);
  for (let count = 0; count < 16; count++) {
    assert.equal(pool.shouldView(8 * KIB), true);
    pool.hold(pool.current);
    pool.rotate();
  }
  assert.equal(pool.shouldView(8 * KIB), false);
});

Deno.test("another connection takes a free buffer of its size, of no other", () => {
  const size = 48 * KIB;
  const pool = new ReadBufferPool(size);
  const { current } = pool;
  pool.hold(current);
  pool.rotate();
  pool.release(current);

  assert.equal(new ReadBufferPool(size).current, current);

  const again = new ReadBufferPool(size);
  const freed = again.current;
  again.hold(freed);
  again.rotate();
  again.release(freed);
  assert.equal(new ReadBufferPool(size + 1).current.bytes.length, size + 1);
});

Deno.test("no more than 32 free buffers are kept", () => {
  const size = 33 * KIB;
  // Takes all that other tests left.
  for (let count = 0; count < 40; count++) new ReadBufferPool(size);
  const pools = Array.from({ length: 40 }, () => new ReadBufferPool(size));
  const freed = new Set(pools.map((pool) => {
    const { current } = pool;
    pool.hold(current);
    pool.rotate();
    return current;
  }));
  for (const [at, buffer] of [...freed].entries()) pools[at]?.release(buffer);

  const again = Array.from(
    { length: 40 },
    () => new ReadBufferPool(size).current,
  );

  assert.equal(again.filter((buffer) => freed.has(buffer)).length, 32);
});
