/** @module */
import assert from "node:assert/strict";
import { SpareSession } from "../../../src/client/sessions/spare_session.ts";
import type { Http2Connection } from "../../../src/http2/api.ts";
import { type Pair, startPair } from "../../http2/pairs.ts";
import { until, within } from "../../testing/deadline.ts";

/** A spare session whose attempts the test lets succeed or fail. */
class World implements AsyncDisposable {
  readonly stack = new AsyncDisposableStack();
  readonly failures: unknown[] = [];
  readonly pairs: Pair[] = [];
  readonly spare: SpareSession;
  attempts = 0;
  now = 0;
  gate = Promise.resolve();

  constructor() {
    this.spare = new SpareSession({
      open: () => this.#open(),
      onFailure: (cause) => this.failures.push(cause),
      maxPause: 4_000,
      now: () => this.now,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.spare[Symbol.asyncDispose]();
    await this.stack.disposeAsync();
  }

  async #open(): Promise<Http2Connection> {
    this.attempts += 1;
    await this.gate;
    const pair = this.stack.use(await startPair(() => Promise.resolve()));
    this.pairs.push(pair);
    return pair.server;
  }
}

Deno.test("a spare session is opened once, and given to the first who takes it", async () => {
  await using world = new World();
  const { spare } = world;

  spare.open();
  spare.open();
  const taken = await spare.take();

  assert.equal(world.attempts, 1);
  assert.equal(taken, world.pairs[0]?.server);
  assert.equal(await spare.take(), undefined);
  assert.equal(spare.connection, undefined);
});

Deno.test("without an attempt there is nothing to take", async () => {
  await using world = new World();

  assert.equal(await world.spare.take(), undefined);
});

Deno.test("an attempt that fails is reported, and not repeated at once", async () => {
  await using world = new World();
  const { spare } = world;
  const failure = new Error("refused");
  world.gate = Promise.reject(failure);
  world.gate.catch(() => {});

  spare.open();
  assert.equal(await spare.take(), undefined);
  assert.deepEqual(world.failures, [failure]);
  spare.open();
  assert.equal(world.attempts, 1);
  world.now += 100;
  spare.open();

  assert.equal(world.attempts, 2);
});

Deno.test("a spare session that nobody needs ends, one that was taken does not", async () => {
  await using world = new World();
  const { spare } = world;
  spare.open();
  const taken = await spare.take();
  world.now += 1_000;
  spare.open();

  await within(spare.release(), "the spare session to end");

  assert.deepEqual(
    world.pairs.map(({ client }) => client.acceptsStreams),
    [true, false],
  );
  assert.equal(taken?.acceptsStreams, true);
});

Deno.test("a spare session that ends by itself is replaced", async () => {
  await using world = new World();
  const { spare } = world;
  spare.open();
  await until("the session", () => spare.connection !== undefined);

  await world.pairs[0]?.client[Symbol.asyncDispose]();
  await until("its end", () => spare.connection === undefined);
  world.now += 1_000;
  spare.open();

  assert.equal(world.attempts, 2);
});
