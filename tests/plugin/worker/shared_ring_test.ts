import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createRingMemory,
  RingReader,
  RingWriter,
} from "../../../src/plugin/worker/shared_ring.ts";

function ring(): {
  readonly memory: SharedArrayBuffer;
  readonly writer: RingWriter;
  readonly reader: RingReader;
} {
  const memory = createRingMemory();
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  return { memory, writer, reader };
}

/** Marks and texts of all records that are there. */
function readAll(reader: RingReader): readonly (readonly [number, string])[] {
  const found: [number, string][] = [];
  for (;;) {
    const mark = reader.nextMark;
    const text = reader.next();
    if (mark === undefined || text === undefined) return found;
    found.push([mark, text]);
  }
}

Deno.test("records arrive as they were written, any number of rounds", () => {
  const { writer, reader } = ring();
  const TEXT = fc.string({ unit: "grapheme", maxLength: 20_000 });
  fc.assert(
    fc.property(fc.array(TEXT, { maxLength: 6 }), (texts) => {
      const written = texts.map((text, mark) => [mark, text] as const)
        .filter(([mark, text]) => writer.write({ text, mark }));
      assert.deepEqual(readAll(reader), written);
    }),
    { numRuns: 300 },
  );
});

Deno.test("what has no room is refused, and leaves what is there alone", () => {
  const { writer, reader } = ring();
  const text = "x".repeat(10_000);
  let count = 0;
  while (writer.write({ text, mark: count })) count += 1;

  assert.equal(count, 13);
  assert.equal(writer.write({ text: "y".repeat(40_000), mark: 0 }), false);
  assert.equal(writer.write({ text: "é".repeat(20_000), mark: 0 }), false);
  assert.equal(readAll(reader).length, 13);
  assert.ok(writer.write({ text, mark: 0 }));
});

Deno.test("a reader that waits is woken up by a record, or by its own end", async () => {
  // Waiting alone does not keep a program running.
  using _busy = keepRunning();
  const { writer, reader } = ring();
  for (
    const wake of [
      () => writer.write({ text: "a", mark: 0 }),
      () => reader.wake(),
    ]
  ) {
    readAll(reader);
    const woken = Promise.withResolvers<void>();
    assert.ok(reader.wait(woken.resolve));
    wake();
    await woken.promise;
  }
  writer.write({ text: "a", mark: 0 });
  assert.equal(reader.wait(() => {}), false);
});

Deno.test("a reader that sleeps wakes up in time, or by what there is", () => {
  const { writer, reader } = ring();

  assert.equal(reader.sleep(1), false);
  writer.write({ text: "a", mark: 0 });

  assert.equal(reader.sleep(60_000), true);
  assert.equal(reader.next(), "a");
});

Deno.test("a reader that sleeps in another thread is woken up for something else", async () => {
  const { memory, writer } = ring();
  const code = `
    import { RingReader } from ${
    JSON.stringify(
      new URL("../../../src/plugin/worker/shared_ring.ts", import.meta.url),
    )
  };
    self.onmessage = ({ data }) => {
      const reader = new RingReader(data);
      self.postMessage("sleeps");
      self.postMessage(reader.sleep(60_000));
    };`;
  const url = URL.createObjectURL(
    new Blob([code], { type: "application/typescript" }),
  );
  const worker = new Worker(url, { type: "module" });
  const said: unknown[] = [];
  const heard = Promise.withResolvers<void>();
  // It may not sleep yet when it says so.
  const waking = setInterval(() => writer.wakeSleeper(), 1);
  worker.onmessage = ({ data }) => {
    if (said.push(data) === 2) heard.resolve();
  };
  worker.postMessage(memory);
  await heard.promise;

  clearInterval(waking);
  worker.terminate();
  URL.revokeObjectURL(url);
  assert.deepEqual(said, ["sleeps", false]);
});

Deno.test("a reader finds out that the other end has broken the memory", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer(),
      fc.string(),
      (written, length, text) => {
        const { memory, writer, reader } = ring();
        writer.write({ text, mark: 0 });
        const numbers = new Int32Array(memory);
        numbers[0] = written;
        numbers[32] = length;
        try {
          const read = reader.next() ?? "";
          assert.ok(read.length <= 32 * 1024);
        } catch (thrown) {
          assert.ok(thrown instanceof RangeError);
        }
      },
    ),
  );
});

Deno.test("a writer does not believe a reader that it has more room than there is", () => {
  const { memory, writer } = ring();
  const numbers = new Int32Array(memory);
  const text = "x".repeat(10_000);
  for (const read of [1, 8, 2 ** 31 - 1]) {
    numbers[16] = read;
    assert.equal(writer.write({ text, mark: 0 }), false);
  }
});

function keepRunning(): Disposable {
  const id = setInterval(() => {}, 1_000);
  return { [Symbol.dispose]: () => clearInterval(id) };
}
