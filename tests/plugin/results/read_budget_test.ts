/** Memory for content that hooks read: who gets it, who waits and who gives up. */
import assert from "node:assert/strict";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import {
  ReadBudget,
  type ReadBudgetOptions,
} from "../../../src/plugin/results/read_budget.ts";

function setUp(options: ReadBudgetOptions = {}) {
  const heard: (number | "refused")[] = [];
  const budget = new ReadBudget({
    total: 10,
    wait: 60_000,
    metrics: {
      setReadBytes: (bytes) => heard.push(bytes),
      countReadRefused: () => heard.push("refused"),
    },
    ...options,
  });
  return { budget, heard };
}

async function isDone(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  void work.then(() => done = true, () => done = true);
  for (let turn = 0; turn < 9; turn++) await undefined;
  return done;
}

Deno.test("a share grows to what it needs, and gives all back", async () => {
  const { budget, heard } = setUp();
  {
    using share = budget.share();
    assert.equal(share.bytes, 0);
    await share.growTo(4);
    await share.growTo(3);
    await share.growTo(4);
    assert.equal(share.bytes, 4);
    await share.growTo(10);
    assert.equal(share.bytes, 10);
  }
  assert.deepEqual(heard, [4, 10, 0]);
});

Deno.test("one reader can have all, and no more", async () => {
  const { budget } = setUp();
  using share = budget.share();
  await share.growTo(11);
  assert.equal(share.bytes, 10);
  assert.equal(budget.total, 10);
});

Deno.test("the next waits for room, and others wait behind it", async () => {
  const { budget, heard } = setUp();
  const first = budget.share();
  const [second, third] = [budget.share(), budget.share()];
  await first.growTo(8);
  const large = second.growTo(3);
  const small = third.growTo(1);
  assert.equal(await isDone(large), false);
  assert.equal(await isDone(small), false);

  first.set(7);
  await large;
  assert.equal(await isDone(small), false);
  first[Symbol.dispose]();
  await small;

  assert.deepEqual([second.bytes, third.bytes], [3, 1]);
  assert.deepEqual(heard, [8, 7, 10, 3, 4]);
  second[Symbol.dispose]();
  third[Symbol.dispose]();
  assert.equal(heard.at(-1), 0);
});

Deno.test("a reader that has waited too long gives up, and the next gets its turn", async () => {
  const { budget, heard } = setUp({ wait: 1 });
  using first = budget.share();
  await first.growTo(8);
  const late = budget.share().growTo(3);
  const next = budget.share();
  const small = next.growTo(2);

  await assert.rejects(
    late,
    (error) =>
      error instanceof PluginError && error.code === "noRoom" &&
      /keep 8 bytes of content in memory/.test(error.message),
  );
  await small;

  assert.deepEqual(heard, [8, "refused", 10]);
  next[Symbol.dispose]();
});

Deno.test("a share that has ended takes nothing more", async () => {
  const { budget, heard } = setUp();
  const share = budget.share();
  share[Symbol.dispose]();
  await share.growTo(4);
  share.set(4);
  assert.equal(share.bytes, 0);
  assert.deepEqual(heard.filter((bytes) => bytes !== 0), []);
});

Deno.test("a share that ends while it waits gives back what it gets", async () => {
  const { budget, heard } = setUp();
  const first = budget.share();
  await first.growTo(10);
  const share = budget.share();
  const growing = share.growTo(4);
  assert.equal(await isDone(growing), false);

  share[Symbol.dispose]();
  first[Symbol.dispose]();
  await growing;

  assert.equal(heard.at(-1), 0);
  assert.equal(share.bytes, 0);
});

Deno.test("what is in memory already counts at once, over the limit too", async () => {
  const { budget, heard } = setUp();
  const share = budget.share();
  share.set(12);
  assert.equal(share.bytes, 12);
  const next = budget.share();
  const growing = next.growTo(1);
  assert.equal(await isDone(growing), false);

  share.set(9);
  await growing;

  assert.deepEqual(heard, [12, 9, 10]);
});

Deno.test("64 MiB are the limit by default", async () => {
  const budget = new ReadBudget();
  assert.equal(budget.total, 67_108_864);
  using share = budget.share();
  await share.growTo(1);
  assert.equal(share.bytes, 1);
});
