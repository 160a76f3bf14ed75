import assert from "node:assert/strict";
import {
  FairSemaphore,
  SemaphoreFullError,
  type TaskOptions,
} from "../../src/async/fair_semaphore.ts";

/** Tasks that run until the test ends them. */
class World {
  readonly semaphore: FairSemaphore;
  /** Tasks that have begun, in order. */
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  constructor(
    { permits = 2, reserved = 0, maxWaiting = 100 } = {},
  ) {
    this.semaphore = new FairSemaphore({ permits, reserved, maxWaiting });
  }

  run(name: string, options: Partial<TaskOptions> = {}): Promise<string> {
    return this.semaphore.run(() => {
      this.begun.push(name);
      const { promise, resolve } = Promise.withResolvers<string>();
      this.#ends.set(name, () => resolve(name));
      return promise;
    }, { key: name[0] ?? "", ...options });
  }

  /** Ends a task, and gives another one time to begin. */
  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await settle();
  }

  /** Ends all in the order in which they begin. */
  async endAll(): Promise<string> {
    await settle();
    for (const name of this.begun) await this.end(name);
    return this.begun.join(" ");
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await null;
}

Deno.test("FairSemaphore runs as many tasks at a time as it has permits", async () => {
  const world = new World();
  const tasks = ["a1", "a2", "a3", "a4"].map((name) => world.run(name));
  await null;
  assert.deepEqual(world.begun, ["a1", "a2"]);
  assert.equal(world.semaphore.waiting, 2);

  await world.end("a2");
  assert.deepEqual(world.begun, ["a1", "a2", "a3"]);
  await world.endAll();

  assert.deepEqual(await Promise.all(tasks), ["a1", "a2", "a3", "a4"]);
});

Deno.test("FairSemaphore frees the permit of a task that failed", async () => {
  const { semaphore } = new World({ permits: 1 });
  await assert.rejects(
    semaphore.run(() => Promise.reject(new Error("Cannot go on")), { key: "" }),
  );

  assert.equal(await semaphore.run(() => Promise.resolve(7), { key: "" }), 7);
});

Deno.test("FairSemaphore has keys take turns", async () => {
  const world = new World({ permits: 1 });
  for (const name of ["a1", "a2", "a3", "b1", "c1"]) void world.run(name);

  assert.equal(await world.endAll(), "a1 a2 b1 c1 a3");
});

Deno.test("FairSemaphore keeps permits for preferred tasks", async () => {
  const world = new World({ permits: 2, reserved: 1 });
  void world.run("a1");
  void world.run("a2");
  await null;
  assert.deepEqual(world.begun, ["a1"]);

  void world.run("p1", { isPreferred: true });
  await null;

  assert.deepEqual(world.begun, ["a1", "p1"]);
  assert.equal(await world.endAll(), "a1 p1 a2");
});

Deno.test("FairSemaphore has preferred tasks leave others a share", async () => {
  const world = new World({ permits: 2, reserved: 1 });
  for (const name of ["p1", "q1", "r1", "s1", "t1", "u1"]) {
    void world.run(name, { isPreferred: true });
  }
  for (const name of ["a1", "a2"]) void world.run(name);

  assert.equal(await world.endAll(), "p1 q1 a1 r1 a2 s1 t1 u1");
});

Deno.test("FairSemaphore drops tasks whose signal is aborted while they wait", async () => {
  const world = new World({ permits: 1 });
  const controller = new AbortController();
  void world.run("a1");
  const dropped = world.run("a2", { signal: controller.signal });
  void world.run("a3");

  controller.abort(new Error("gone"));

  await assert.rejects(dropped, /gone/);
  await assert.rejects(
    world.run("a4", { signal: controller.signal }),
    /gone/,
  );
  assert.equal(await world.endAll(), "a1 a3");
});

Deno.test("FairSemaphore does not stop a task that runs", async () => {
  const world = new World();
  const controller = new AbortController();
  const task = world.run("a1", { signal: controller.signal });
  await null;

  controller.abort();
  await world.end("a1");

  assert.equal(await task, "a1");
});

Deno.test("FairSemaphore has the key with the most tasks give way when too many wait", async () => {
  const world = new World({ permits: 1, maxWaiting: 3 });
  const [, ...tasks] = ["a0", "a1", "a2", "a3", "b1"].map(async (name) => {
    try {
      return await world.run(name);
    } catch (error) {
      assert.ok(error instanceof SemaphoreFullError);
      return `no ${name}`;
    }
  });
  await world.endAll();

  assert.deepEqual(await Promise.all(tasks), ["a1", "a2", "no a3", "b1"]);
});
