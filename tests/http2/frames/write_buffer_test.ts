/** What is written at once, when others wait, and what is counted. */
import assert from "node:assert/strict";
import { WriteBuffer } from "../../../src/http2/frames/write_buffer.ts";

const KIB = 1024;

/** A socket that takes what a test allows. */
class Socket {
  readonly written: number[][] = [];
  readonly #waiting: (() => void)[] = [];
  /** Most bytes it takes at once. */
  most = Infinity;
  isHeld = false;
  failure: Error | undefined;

  async write(bytes: Uint8Array): Promise<number> {
    this.written.push([...bytes.subarray(0, 4)]);
    if (this.isHeld) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.failure !== undefined) throw this.failure;
    return Math.min(bytes.length, this.most);
  }

  /** Lets the write that is held go on. */
  go(): void {
    this.#waiting.shift()?.();
  }
}

function setUp() {
  const socket = new Socket();
  const heard: unknown[] = [];
  const output = new WriteBuffer(socket, {
    onRoom: () => heard.push("room"),
    onError: (error) => heard.push(error),
  });
  /** Adds `size` bytes of this value. */
  const add = (value: number, size = 1) => {
    const at = output.reserve(size);
    output.bytes.fill(value, at, at + size);
    return at;
  };
  return { socket, heard, output, add };
}

Deno.test("WriteBuffer writes what was added in one turn at once", async () => {
  const { socket, heard, output, add } = setUp();

  assert.equal(add(1), 0);
  assert.equal(add(2, 2), 1);
  assert.equal(add(3), 3);
  assert.equal(output.queuedBytes, 4);
  assert.equal(output.position, 4);
  assert.equal(output.bytesPassed, 0);
  assert.equal(output.batchNumber, 0);
  await output.flushed();

  assert.deepEqual(socket.written, [[1, 2, 2, 3]]);
  assert.deepEqual(heard, ["room"]);
  assert.equal(output.bytesSent, 4);
  assert.equal(output.bytesPassed, 4);
  assert.equal(output.queuedBytes, 0);
  assert.equal(output.batchNumber, 1);
  assert.equal(add(4), 0);
  assert.equal(output.position, 5);
  await output.flushed();
  assert.equal(output.bytesSent, 5);
});

Deno.test("WriteBuffer waits while more keeps coming, a few turns each", async () => {
  const { socket, output, add } = setUp();
  add(1);
  for (let turn = 0; turn < 6; turn++) await undefined;
  add(2);
  for (let turn = 0; turn < 6; turn++) await undefined;
  add(3);
  await output.flushed();

  assert.deepEqual(socket.written, [[1, 2, 3]]);
});

Deno.test("WriteBuffer writes again what the socket has left", async () => {
  const { socket, output, add } = setUp();
  socket.most = 2;
  for (const value of [1, 2, 3, 4, 5]) add(value);

  await output.flushed();

  assert.deepEqual(socket.written, [[1, 2, 3, 4], [3, 4, 5], [5]]);
  assert.equal(output.bytesSent, 5);
});

Deno.test("WriteBuffer counts what is on its way, and gathers the next meanwhile", async () => {
  const { socket, output, add } = setUp();
  socket.isHeld = true;
  add(1, 3);
  while (socket.written.length === 0) await undefined;

  add(2);
  assert.equal(output.queuedBytes, 4);
  assert.equal(output.bytesPassed, 3);
  assert.equal(output.bytesSent, 0);
  assert.equal(output.position, 4);
  socket.isHeld = false;
  socket.go();
  await output.flushed();

  assert.deepEqual(socket.written, [[1, 1, 1], [2]]);
  assert.deepEqual([output.bytesSent, output.queuedBytes], [4, 0]);
});

Deno.test("WriteBuffer is behind with 64 KiB, and full with 256 KiB", async () => {
  const { socket, output, add } = setUp();
  socket.isHeld = true;
  add(0);
  while (socket.written.length === 0) await undefined;
  const states = [64 * KIB - 1, 1, 192 * KIB - 1, 1].map((size) => {
    add(1, size);
    return [output.isBehind, output.isFull];
  });

  assert.deepEqual(states, [
    [false, false],
    [true, false],
    [true, false],
    [true, true],
  ]);
  socket.isHeld = false;
  socket.go();
  await output.flushed();
  assert.deepEqual([output.isBehind, output.isFull], [false, false]);
  assert.equal(output.bytesSent, 256 * KIB + 1);
});

Deno.test("WriteBuffer does not wait for more when it is behind", async () => {
  const { socket, add } = setUp();
  add(1, 64 * KIB);
  assert.equal(socket.written.length, 0);
  for (let turn = 0; turn < 3; turn++) await undefined;
  assert.equal(socket.written.length, 1);
});

Deno.test("WriteBuffer keeps all bytes when it grows, and the long buffer not for ever", async () => {
  const { socket, output, add } = setUp();
  const size = 129 * KIB;
  add(7);
  assert.equal(output.bytes.length, size);

  add(8, size);

  const grown = output.bytes;
  assert.equal(grown.length, 2 * (size + 1));
  assert.deepEqual([...grown.subarray(0, 2)], [7, 8]);
  await output.flushed();
  assert.deepEqual(socket.written, [[7, 8, 8, 8]]);
  for (let times = 0; times < 3; times++) {
    assert.equal(output.bytes.length, size);
    add(9);
    await output.flushed();
  }
});

Deno.test("WriteBuffer has two buffers that it uses in turn", async () => {
  const { output, add } = setUp();
  const used = new Set<Uint8Array>();
  for (let times = 0; times < 4; times++) {
    add(1, 129 * KIB);
    used.add(output.bytes);
    await output.flushed();
  }
  assert.equal(used.size, 2);
});

Deno.test("room comes when the bytes go to the socket", async () => {
  const { output, add } = setUp();
  add(1);
  let hasRoom = false;
  const room = output.room;
  assert.equal(output.room, room);
  void room.then(() => hasRoom = true);

  await output.flushed();

  assert.equal(hasRoom, true);
  assert.notEqual(output.room, room);
});

Deno.test("countReply() counts what waits for the socket", async () => {
  const { output, add } = setUp();
  add(1);
  assert.deepEqual([output.countReply(), output.countReply()], [1, 2]);
  await output.flushed();
  assert.equal(output.countReply(), 1);
});

Deno.test("WriteBuffer drops all bytes and takes none once it is stopped", async () => {
  const { socket, heard, output, add } = setUp();
  add(1, 3);
  const { room, batchNumber } = output;

  output.stop();

  assert.equal(output.queuedBytes, 0);
  assert.equal(output.batchNumber, batchNumber + 1);
  await room;
  assert.deepEqual([add(2, 5), add(3, 5)], [0, 0]);
  await output.flushed();
  await undefined;
  assert.deepEqual(socket.written, []);
  assert.deepEqual(heard, []);
});

Deno.test("WriteBuffer stops and says so when the socket fails", async () => {
  const { socket, heard, output, add } = setUp();
  socket.isHeld = true;
  socket.failure = new Error("reset");
  add(1);
  while (socket.written.length === 0) await undefined;
  add(2);

  socket.go();
  await output.flushed();

  assert.deepEqual(heard, ["room", socket.failure]);
  add(3);
  await output.flushed();
  assert.equal(socket.written.length, 1);
});
