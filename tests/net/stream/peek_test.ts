/** @module */
import assert from "node:assert/strict";
import { closeQuietly } from "../../../src/net/stream/byte_stream.ts";
import { writeAll } from "../../../src/net/stream/copy.ts";
import { peek } from "../../../src/net/stream/peek.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";

const NEVER = 60_000;

Deno.test("peek() tells the first byte and takes nothing away", async () => {
  const [a, b] = streamPair();
  const sent = Uint8Array.of(22, 3, 1, 7);

  const writing = writeAll(a, sent);
  const { first, stream } = await peek(b, NEVER);
  await writing;
  const into = new Uint8Array(3);

  assert.equal(first, 22);
  assert.equal(await stream.read(into), 3);
  assert.deepEqual(into, sent.subarray(0, 3));
  assert.equal(await stream.read(into), 1);
  assert.equal(into[0], 7);
  const more = a.write(Uint8Array.of(8));
  assert.equal(await stream.read(into), 1);
  assert.equal(into[0], 8);
  await more;
});

Deno.test("peek() waits only so long, and what comes later is not lost", async () => {
  const [a, b] = streamPair();

  const { first, stream } = await peek(b, 1);
  const into = new Uint8Array(5);
  const reading = stream.read(into);
  await a.write(Uint8Array.of(1, 2));

  assert.equal(first, "late");
  assert.equal(await reading, 2);
});

Deno.test("peek() keeps the end of a stream that is empty, and what breaks it", async () => {
  const [a, b] = streamPair();
  await a.closeWrite();
  const { first, stream } = await peek(b, NEVER);

  assert.equal(first, "end");
  assert.equal(await stream.read(new Uint8Array(1)), null);

  const [c, d] = streamPair();
  const peeking = peek(d, NEVER);
  closeQuietly(c);
  await assert.rejects(peeking);
});
