/** @module */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { waitForJobs } from "../../src/client/jobs.ts";
import { RestError } from "../../src/client/rest/rest_error.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A clock that goes on only when told, and the lines that were logged meanwhile. */
interface Observation {
  log(): string[];
  /** Lets `ms` milliseconds pass, second by second. */
  pass(ms: number): Promise<void>;
}

async function observe(
  test: (observation: Observation) => Promise<void>,
): Promise<void> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => records.push(record) },
    loggers: [
      { category: "sallyport", sinks: ["memory"] },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  try {
    await test({
      log: () => records.map(({ message }) => message.join("")),
      async pass(ms) {
        for (let passed = 0; passed < ms; passed += SECOND) {
          mock.timers.tick(SECOND);
          await settled();
        }
      },
    });
  } finally {
    mock.timers.reset();
    await reset();
  }
}

/** What can go on without the clock has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Gives the numbers in turn, the last one for ever. */
function counts(...numbers: readonly number[]): () => Promise<number> {
  const rest = [...numbers];
  return () => Promise.resolve((rest.length > 1 ? rest.shift() : rest[0]) ?? 0);
}

/** Whether `promise` has settled by now. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  promise.then(() => over = true);
  await settled();
  return over;
}

Deno.test("waitForJobs() goes on waiting when the server has had too many requests", () =>
  observe(async ({ pass }) => {
    const answers = [
      () => Promise.reject(new RestError(429, "Too many", { retryAfter: 0 })),
      () => Promise.reject(new RestError(503, "Stopping", { retryAfter: 5 })),
      () => Promise.resolve(0),
    ];
    const done = waitForJobs(1, {
      count: () => (answers.shift() ?? assert.fail("Asked once more"))(),
      timeout: MINUTE,
    });

    await pass(2 * SECOND);
    assert.equal(await isOver(done), false);
    await pass(SECOND);
    assert.equal(await isOver(done), true);
  }));

Deno.test("waitForJobs() does not wait, call or log when no job is running", () =>
  observe(async ({ log }) => {
    await waitForJobs(0, {
      count: () => assert.fail("Asked"),
      timeout: MINUTE,
    });

    assert.deepEqual(log(), []);
  }));

Deno.test("waitForJobs() waits until the last job has finished", () =>
  observe(async ({ pass }) => {
    const waiting = waitForJobs(2, {
      count: counts(2, 1, 1, 0),
      timeout: MINUTE,
    });

    await pass(3 * SECOND);
    assert.ok(!await isOver(waiting));
    await pass(SECOND);
    assert.ok(await isOver(waiting));
  }));

Deno.test("waitForJobs() waits no longer than it may", () =>
  observe(async ({ pass }) => {
    const waiting = waitForJobs(1, { count: counts(1), timeout: 2_500 });

    await pass(2 * SECOND);
    assert.ok(!await isOver(waiting));
    await pass(SECOND);
    assert.ok(await isOver(waiting));
  }));

Deno.test("waitForJobs() gives up when it cannot reach the server any more", () =>
  observe(async ({ pass }) => {
    const waiting = waitForJobs(1, {
      count: () => Promise.reject(new Error("Gone")),
      timeout: MINUTE,
    });

    await pass(SECOND);

    assert.ok(await isOver(waiting));
  }));

Deno.test("waitForJobs() says every 15 seconds for how many jobs it waits, and how long", () =>
  observe(async ({ log, pass }) => {
    const waiting = waitForJobs(2, {
      count: counts(...Array(20).fill(2), ...Array(10).fill(1), 0),
      timeout: 3 * 60 * MINUTE,
    });

    await pass(31 * SECOND);

    assert.deepEqual(log(), [
      "waiting for 2 active job(s) to finish, timeout: 3h0m0s",
      "waiting for 2 active job(s) to finish, timeout: 2h59m45s",
      "waiting for 1 active job(s) to finish, timeout: 2h59m30s",
    ]);
    assert.ok(await isOver(waiting));
  }));
