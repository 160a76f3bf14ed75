import assert from "node:assert/strict";
import fc from "fast-check";
import { createRingMemory } from "../../../src/plugin/worker/shared_ring.ts";
import { SharedWire } from "../../../src/plugin/worker/shared_wire.ts";

/** Two ends in one thread. Posted lists arrive late, as those of a worker do. */
function connect(maySleep?: () => boolean): {
  readonly near: SharedWire;
  readonly memory: SharedArrayBuffer;
  readonly received: unknown[];
  readonly posted: unknown[];
  readonly broken: unknown[];
  /** Resolves when so many messages were received. */
  count(messages: number): Promise<void>;
  [Symbol.dispose](): void;
} {
  const [there, back] = [createRingMemory(), createRingMemory()];
  const received: unknown[] = [];
  const posted: unknown[] = [];
  const broken: unknown[] = [];
  // Waiting alone does not keep a program running.
  const busy = setInterval(() => {}, 1_000);
  let wanted = Infinity;
  const reached = Promise.withResolvers<void>();
  const far = new SharedWire({
    memory: { outgoing: back, incoming: there },
    post: () => {},
    maySleep,
    receive: (messages) => {
      received.push(...messages);
      if (received.length >= wanted) reached.resolve();
    },
    onBroken: (reason) => {
      broken.push(reason);
      reached.resolve();
    },
  });
  const near = new SharedWire({
    memory: { outgoing: there, incoming: back },
    post: (messages) => {
      posted.push(...messages);
      setTimeout(() => far.arrived(messages));
    },
    receive: () => {},
    onBroken: () => {},
  });
  return {
    ...{ near, memory: there, received, posted, broken },
    count(messages) {
      wanted = messages;
      if (received.length >= wanted) reached.resolve();
      return reached.promise;
    },
    [Symbol.dispose]() {
      clearInterval(busy);
      near.close();
      far.close();
    },
  };
}

Deno.test("lists of texts pass through memory, others are posted", async () => {
  using wire = connect();

  wire.near.send(["a", "b"], []);
  wire.near.send([{ c: 1 }, "d"], []);
  await wire.count(4);

  assert.deepEqual(wire.received, ["a", "b", { c: 1 }, "d"]);
  assert.deepEqual(wire.posted, [{ c: 1 }, "d"]);
});

for (const maySleep of [undefined, () => true, () => false]) {
  Deno.test(`everything arrives in the order in which it was sent (${maySleep})`, async () => {
    const LIST = fc.array(
      fc.oneof(fc.nat().map(String), fc.record({ at: fc.nat() })),
      { minLength: 1, maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(LIST, { minLength: 1 }), async (lists) => {
        using wire = connect(maySleep);
        for (const list of lists) wire.near.send(list, []);
        await wire.count(lists.flat().length);
        assert.deepEqual(wire.received, lists.flat());
      }),
      { numRuns: 40 },
    );
  });
}

Deno.test("a list that is too long for a record takes several", async () => {
  using wire = connect();
  const texts = Array.from({ length: 9 }, (_, at) => `${at}`.repeat(9_999));

  wire.near.send(texts, []);
  await wire.count(texts.length);

  assert.deepEqual(wire.received, texts);
  assert.deepEqual(wire.posted, []);
});

Deno.test("more than the memory holds arrives all the same", async () => {
  using wire = connect();
  const texts = Array.from(
    { length: 30 },
    (_, at) => `${at}${"x".repeat(9_999)}`,
  );

  for (const text of texts) wire.near.send([text], []);
  await wire.count(texts.length);

  assert.deepEqual(wire.received, texts);
  assert.ok(wire.posted.length > 0);
});

Deno.test("memory that the other end has broken ends the wire", async () => {
  using wire = connect();
  const numbers = new Int32Array(wire.memory);
  numbers[32] = -1;
  Atomics.store(numbers, 0, 64);
  Atomics.notify(numbers, 0);
  await wire.count(Infinity);

  assert.match(String(wire.broken), /^RangeError: A shared ring is broken$/);
  wire.near.send(["late"], []);
  assert.deepEqual(wire.received, []);
});

Deno.test("a flood leaves others their turn", async () => {
  using wire = connect();
  let isOver = false;
  // Each record that arrives is followed by another one.
  const flood = (): void => {
    if (isOver) return;
    wire.near.send(["again"], []);
    setImmediate(flood);
  };
  flood();

  await new Promise((done) => setTimeout(done));
  isOver = true;

  assert.ok(wire.received.length > 0);
});
