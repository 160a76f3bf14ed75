/** @module */
import assert from "node:assert/strict";
import type {
  ByteReader,
  ByteWriter,
} from "../../../src/net/stream/byte_stream.ts";
import { copy, writeAll } from "../../../src/net/stream/copy.ts";

/** Gives `total` bytes, as many at once as fit; notes the wanted sizes. */
class Source implements ByteReader {
  readonly asked: number[] = [];
  #left: number;
  #next = 0;

  constructor(total: number) {
    this.#left = total;
  }

  read(into: Uint8Array): Promise<number | null> {
    this.asked.push(into.length);
    if (this.#left === 0) return Promise.resolve(null);
    const count = Math.min(this.#left, into.length);
    for (let at = 0; at < count; at++) into[at] = this.#next++ % 251;
    this.#left -= count;
    return Promise.resolve(count);
  }
}

/** Takes at most `most` bytes at once and checks that they come in order. */
class Sink implements ByteWriter {
  readonly #most: number;
  taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  write(bytes: Uint8Array): Promise<number> {
    const count = Math.min(this.#most, bytes.length);
    for (let at = 0; at < count; at++) {
      assert.equal(bytes[at], this.taken++ % 251);
    }
    return Promise.resolve(count);
  }
}

Deno.test("copy() delivers every byte to a sink that takes a few at a time", async () => {
  const sink = new Sink(7);

  assert.equal(await copy(sink, new Source(10_007)), 10_007);
  assert.equal(sink.taken, 10_007);
});

Deno.test("copy() of nothing is nothing", async () => {
  assert.equal(await copy(new Sink(7), new Source(0)), 0);
});

Deno.test("copy() reads more at once while the source has more, up to 64 KiB", async () => {
  const source = new Source(400_000);

  await copy(new Sink(100_000), source);

  assert.deepEqual(source.asked.slice(0, 4), [4_096, 16_384, 65_536, 65_536]);
  assert.equal(Math.max(...source.asked), 65_536);
});

Deno.test("copy() stays small for a source that gives little", async () => {
  const source = new Source(50);
  const trickle: ByteReader = {
    read: (into) => source.read(into.subarray(0, 1)),
  };

  assert.equal(await copy(new Sink(7), trickle), 50);
});

Deno.test("copy() lets a source write its own buffers, else a sink read into its own", async () => {
  const source = { ...reader(), writeTo: () => Promise.resolve(1) };
  const sink = { ...writer(), readFrom: () => Promise.resolve(2) };

  assert.equal(await copy(writer(), source), 1);
  assert.equal(await copy(sink, reader()), 2);
  assert.equal(await copy(sink, source), 1);
});

Deno.test("copy() throws what the source or the sink throws", async () => {
  const source: ByteReader = {
    read: () => Promise.reject(new RangeError("source")),
  };
  const sink: ByteWriter = {
    write: () => Promise.reject(new RangeError("sink")),
  };

  await assert.rejects(copy(new Sink(7), source), { message: "source" });
  await assert.rejects(copy(sink, new Source(1)), { message: "sink" });
});

Deno.test("writeAll() goes on until all is taken", async () => {
  const sink = new Sink(1);

  await writeAll(sink, Uint8Array.of(0, 1, 2, 3, 4));

  assert.equal(sink.taken, 5);
});

function reader(): ByteReader {
  return { read: () => assert.fail("read") };
}

function writer(): ByteWriter {
  return { write: () => assert.fail("written") };
}
