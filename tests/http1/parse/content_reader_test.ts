/** Content with a length, and content that ends with its connection. */
import assert from "node:assert/strict";
import { BufferedReader } from "../../../src/http1/parse/buffered_reader.ts";
import {
  CloseReader,
  LengthReader,
} from "../../../src/http1/parse/content_reader.ts";
import { bytesOf, textOf, writeAll } from "../../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

async function sent(text: string): Promise<BufferedReader> {
  const [near, far] = createMemoryDuplex();
  await writeAll(far, bytesOf(text));
  await far.closeWrite();
  return new BufferedReader(near);
}

Deno.test("LengthReader reads so many bytes, and leaves those behind them", async () => {
  const buffered = await sent("abcdenext");
  const reader = new LengthReader(buffered, 5);
  const into = new Uint8Array(3);
  assert.deepEqual([reader.left, reader.isComplete], [5, false]);

  assert.equal(await reader.read(into), 3);
  assert.equal(textOf(into), "abc");
  assert.deepEqual([reader.left, reader.isComplete], [2, false]);
  assert.equal(await reader.read(into), 2);
  assert.equal(textOf(into), "dec");
  assert.deepEqual([reader.left, reader.isComplete], [0, true]);
  assert.equal(await reader.read(into), null);

  const rest = new Uint8Array(9);
  const count = await buffered.read(rest);
  assert.equal(textOf(rest.subarray(0, count ?? 0)), "next");
  assert.equal(reader.trailers, undefined);
});

Deno.test("LengthReader fails where the connection ends before", async () => {
  const reader = new LengthReader(await sent("ab"), 3);
  assert.equal(await reader.read(new Uint8Array(9)), 2);
  await assert.rejects(reader.read(new Uint8Array(9)), { code: "cutShort" });
  assert.equal(reader.isComplete, false);
});

Deno.test("CloseReader reads to the end, and knows of it only then", async () => {
  const reader = new CloseReader(await sent("ab"));
  const into = new Uint8Array(9);
  assert.equal(await reader.read(into), 2);
  assert.deepEqual([reader.left, reader.isComplete], [undefined, false]);
  assert.equal(await reader.read(into), null);
  assert.equal(reader.isComplete, true);
  assert.equal(reader.trailers, undefined);
});
