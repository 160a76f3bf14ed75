import fc from "fast-check";
import assert from "node:assert/strict";
import { BufferedReader } from "../../../src/http1/parse/buffered_reader.ts";
import { ChunkedReader } from "../../../src/http1/parse/chunked_reader.ts";
import { bytesOf, textOf, writeAll } from "../../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

Deno.test("ChunkedReader returns the content however it is cut, sent and read", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 40 }).map(asBytes)),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      async (pieces, room, readSize) => {
        const [near, far] = createMemoryDuplex(room);
        const chunks = pieces.map((piece) =>
          `${piece.length.toString(16)}\r\n${piece}\r\n`
        );
        const sending = writeAll(
          far,
          bytesOf(`${chunks.join("")}0\r\n\r\nnext`),
        );
        const reader = new BufferedReader(near);
        const chunked = new ChunkedReader(reader);

        const got = await readAll(chunked, readSize);
        while (reader.buffered < 4) await reader.fill();
        await sending;

        assert.equal(got, pieces.join(""));
        const rest = reader.buffer.subarray(reader.start, reader.end);
        assert.equal(textOf(rest), "next");
      },
    ),
    { numRuns: 200, seed: 20_261_122 },
  );
});

Deno.test("ChunkedReader joins small chunks that are buffered already", async () => {
  const [near, far] = createMemoryDuplex();
  await writeAll(far, bytesOf("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"));
  const chunked = new ChunkedReader(new BufferedReader(near));
  const into = new Uint8Array(10);

  assert.equal(await chunked.read(into), 3);
  assert.equal(chunked.isComplete, true);
});

async function readAll(chunked: ChunkedReader, size: number): Promise<string> {
  const into = new Uint8Array(size);
  let text = "";
  for (
    let count = await chunked.read(into);
    count !== null;
    count = await chunked.read(into)
  ) {
    text += textOf(into.subarray(0, count));
  }
  return text;
}

function asBytes(text: string): string {
  return textOf(new TextEncoder().encode(text));
}
