import assert from "node:assert/strict";
import { ReceiveQueue } from "../../../src/http2/flow/receive_queue.ts";
import {
  type ReadBuffer,
  ReadBufferPool,
} from "../../../src/http2/frames/read_buffer_pool.ts";

function createQueue(): {
  readonly queue: ReceiveQueue;
  readonly readBuffers: ReadBufferPool;
  taken(): number;
} {
  let taken = 0;
  const readBuffers = new ReadBufferPool(64 * 1024);
  const queue = new ReceiveQueue({
    readBuffers,
    onConsumed: (length) => void (taken += length),
  });
  return { queue, readBuffers, taken: () => taken };
}

function fill(buffer: ReadBuffer): ReadBuffer {
  for (let at = 0; at < buffer.bytes.length; at++) buffer.bytes[at] = at * 31;
  return buffer;
}

Deno.test("ReceiveQueue fills a waiting reader and keeps the rest", async () => {
  const { queue, readBuffers, taken } = createQueue();
  const buffer = fill(readBuffers.current);
  const into = new Uint8Array(10);

  const reading = queue.read(into);
  queue.push(buffer, 0, 25);

  assert.equal(await reading, 10);
  assert.deepEqual(into, buffer.bytes.slice(0, 10));
  assert.equal(taken(), 10);
  assert.equal(await queue.read(new Uint8Array(100)), 15);
  assert.equal(taken(), 25);
});

Deno.test("ReceiveQueue keeps copies of what it cannot view when the buffer is reused", async () => {
  const { queue, readBuffers } = createQueue();
  const buffer = fill(readBuffers.current);
  queue.push(buffer, 100, 200);
  const expected = buffer.bytes.slice(100, 200);

  buffer.bytes.fill(0);

  const into = new Uint8Array(1000);
  assert.equal(await queue.read(into), 100);
  assert.deepEqual(into.subarray(0, 100), expected);
});

Deno.test("ReceiveQueue joins small pieces instead of keeping an object for each", async () => {
  const { queue, readBuffers } = createQueue();
  const buffer = fill(readBuffers.current);
  for (let at = 0; at < 10_000; at++) queue.push(buffer, at, at + 1);
  queue.end();
  let pieces = 0;

  const total = await queue.writeTo({
    write(bytes) {
      pieces++;
      return Promise.resolve(bytes.length);
    },
  });

  assert.equal(total, 10_000);
  assert.ok(pieces <= 10);
});

Deno.test("ReadBufferPool keeps no more than its bound for slow readers", () => {
  const readBuffers = new ReadBufferPool(64 * 1024);
  let kept = 0;

  while (readBuffers.shouldView(16 * 1024)) {
    readBuffers.hold(readBuffers.current);
    readBuffers.rotate();
    kept++;
  }

  assert.equal(kept, 16);
});

Deno.test("ReadBufferPool takes a buffer back when its last view is released", () => {
  const readBuffers = new ReadBufferPool(1024);
  const first = readBuffers.current;
  readBuffers.hold(first);
  readBuffers.hold(first);
  const second = readBuffers.rotate();
  assert.notEqual(second, first);

  readBuffers.release(first);
  readBuffers.release(first);
  readBuffers.hold(second);

  assert.equal(readBuffers.rotate(), first);
});

Deno.test("ReceiveQueue.fail() drops what is queued and credits it", async () => {
  const { queue, readBuffers, taken } = createQueue();
  queue.push(fill(readBuffers.current), 0, 20_000);

  queue.fail(new Error("cut"));

  await assert.rejects(queue.read(new Uint8Array(1)), { message: "cut" });
  assert.equal(taken(), 20_000);
  assert.equal(readBuffers.current.views, 0);
});

Deno.test("ReceiveQueue.end() comes after what is queued", async () => {
  const { queue, readBuffers } = createQueue();
  queue.push(fill(readBuffers.current), 0, 5);
  queue.end();

  assert.equal(await queue.read(new Uint8Array(9)), 5);
  assert.equal(await queue.read(new Uint8Array(9)), null);
});

Deno.test("ReceiveQueue refuses two readers at once", async () => {
  const { queue } = createQueue();
  const first = queue.read(new Uint8Array(1));

  await assert.rejects(queue.read(new Uint8Array(1)), TypeError);

  queue.end();
  assert.equal(await first, null);
});
