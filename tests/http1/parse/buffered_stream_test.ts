/** A connection whose first bytes were read already. */
import assert from "node:assert/strict";
import { BufferedReader } from "../../../src/http1/parse/buffered_reader.ts";
import { BufferedStream } from "../../../src/http1/parse/buffered_stream.ts";
import { bytesOf, textOf, writeAll } from "../../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

/** A stream of which `buffered` was read ahead. */
async function setUp(buffered: string) {
  const [near, far] = createMemoryDuplex();
  const reader = new BufferedReader(near);
  if (buffered !== "") {
    await writeAll(far, bytesOf(buffered));
    await reader.fill();
  }
  let closed = 0;
  const stream = new BufferedStream(reader, near, () => closed++);
  const read = async (size = 99) => {
    const into = new Uint8Array(size);
    const count = await stream.read(into);
    return count === null ? null : textOf(into.subarray(0, count));
  };
  return { stream, far, read, closed: () => closed };
}

Deno.test("buffered bytes come first, then those of the connection", async () => {
  const { far, read } = await setUp("abc");
  await writeAll(far, bytesOf("def"));
  assert.equal(await read(2), "ab");
  assert.equal(await read(), "c");
  assert.equal(await read(), "def");
  await far.closeWrite();
  assert.equal(await read(), null);
});

Deno.test("all bytes go to a sink, counted, longer than one piece too", async () => {
  const text = "x".repeat(5_000);
  const { stream, far } = await setUp(text);
  await writeAll(far, bytesOf("def"));
  await far.closeWrite();
  let got = "";

  const total = await stream.writeTo({
    write(bytes) {
      got += textOf(bytes);
      return Promise.resolve(bytes.length);
    },
  });

  assert.equal(got, `${text}def`);
  assert.equal(total, 5_003);
});

Deno.test("a stream writes to its connection and ends it", async () => {
  const { stream, far } = await setUp("");
  await writeAll(stream, bytesOf("abc"));
  await stream.closeWrite();
  const into = new Uint8Array(9);
  assert.equal(await far.read(into), 3);
  assert.equal(await far.read(into), null);
});

Deno.test("a stream is closed once, and its connection with it", async () => {
  const { stream, far, closed } = await setUp("");
  stream.close();
  stream.close();
  assert.equal(closed(), 1);
  assert.equal(await far.read(new Uint8Array(1)), null);
});
