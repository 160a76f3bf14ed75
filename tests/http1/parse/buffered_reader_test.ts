import assert from "node:assert/strict";
import { BufferedReader } from "../../../src/http1/parse/buffered_reader.ts";
import { bytesOf, textOf, writeAll } from "../../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

function setUp(room?: number) {
  const [near, far] = createMemoryDuplex(room);
  const asked: number[] = [];
  const reader = new BufferedReader({
    read(into) {
      asked.push(into.length);
      return near.read(into);
    },
  });
  return { reader, far, asked };
}

async function readText(
  reader: BufferedReader,
  count: number,
): Promise<string> {
  const into = new Uint8Array(count);
  return textOf(into.subarray(0, await reader.read(into) ?? 0));
}

Deno.test("BufferedReader reads into the caller's memory when nothing is buffered", async () => {
  const { reader, far, asked } = setUp();

  await writeAll(far, bytesOf("abc"));

  assert.equal(await readText(reader, 12_345), "abc");
  assert.deepEqual(asked, [12_345]);
});

Deno.test("BufferedReader returns what was read ahead first, and reads once at a time", async () => {
  const { reader, far, asked } = setUp();
  reader.readAhead();
  reader.readAhead();

  await writeAll(far, bytesOf("abc"));

  assert.equal(await readText(reader, 2), "ab");
  assert.equal(await readText(reader, 2), "c");
  assert.equal(asked.length, 1);
});

Deno.test("BufferedReader.fill() adds to what is there, beyond its first size", async () => {
  const { reader, far } = setUp(1_000_000);
  const text = "0123456789".repeat(2_000);
  await writeAll(far, bytesOf(text));
  await far.closeWrite();

  while (await reader.fill());

  assert.equal(textOf(reader.buffer.subarray(reader.start, reader.end)), text);
  assert.equal(reader.isOver, true);
});

Deno.test("BufferedReader distinguishes a break from an end, each time", async () => {
  const { reader, far } = setUp();
  const told: unknown[] = [];
  reader.watcher = {
    onBreak: (cause) => void told.push(cause),
    onReadAhead: () => {},
  };

  far.cut();

  await assert.rejects(reader.fill(), Deno.errors.ConnectionReset);
  await assert.rejects(reader.fill(), Deno.errors.ConnectionReset);
  await assert.rejects(
    reader.read(new Uint8Array(1)),
    Deno.errors.ConnectionReset,
  );
  assert.equal(told.length, 1);
});
