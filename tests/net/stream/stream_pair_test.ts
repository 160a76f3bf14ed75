import assert from "node:assert/strict";
import {
  type ByteStream,
  closeQuietly,
} from "../../../src/net/stream/byte_stream.ts";
import { writeAll } from "../../../src/net/stream/copy.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";

const decoder = new TextDecoder();

async function readText(stream: ByteStream, size: number): Promise<string> {
  const into = new Uint8Array(size);
  const count = await stream.read(into);
  return count === null ? "the end" : decoder.decode(into.subarray(0, count));
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("streamPair() carries bytes both ways, whichever end comes first", async () => {
  const [a, b] = streamPair();

  const early = readText(b, 10);
  assert.equal(await a.write(bytes("to b")), 4);
  assert.equal(await early, "to b");

  const late = b.write(bytes("to a"));
  assert.equal(await readText(a, 10), "to a");
  assert.equal(await late, 4);
});

Deno.test("streamPair() gives what the reader has room for", async () => {
  const [a, b] = streamPair();

  const writing = writeAll(a, bytes("abcdef"));

  assert.equal(await readText(b, 4), "abcd");
  assert.equal(await readText(b, 4), "ef");
  await writing;
});

Deno.test("streamPair() ends one direction and keeps the other", async () => {
  const [a, b] = streamPair();
  const reading = readText(b, 1);

  await a.closeWrite();

  assert.equal(await reading, "the end");
  assert.equal(await readText(b, 1), "the end");
  const answer = b.write(bytes("x"));
  assert.equal(await readText(a, 1), "x");
  await answer;
  await assert.rejects(a.write(bytes("x")), Deno.errors.BrokenPipe);
});

Deno.test("streamPair() fails everything that waits when one end is closed", async () => {
  const [a, b] = streamPair();
  const reading = assert.rejects(b.read(new Uint8Array(1)));
  const writing = assert.rejects(b.write(bytes("x")));

  closeQuietly(a);
  await reading;
  await writing;

  await assert.rejects(a.read(new Uint8Array(1)), Deno.errors.BrokenPipe);
  await assert.rejects(b.write(bytes("x")), Deno.errors.BrokenPipe);
  closeQuietly(b);
});
