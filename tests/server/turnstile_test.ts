import assert from "node:assert/strict";
import { Turnstile } from "../../src/server/turnstile.ts";

Deno.test("Turnstile runs as many tasks at a time as it has lanes, in order", async () => {
  const turnstile = new Turnstile(2);
  const gates = [1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  const started: number[] = [];
  const tasks = gates.map((gate, index) =>
    turnstile.run(() => {
      started.push(index);
      return gate.promise;
    })
  );
  await Promise.resolve();
  assert.deepEqual(started, [0, 1]);

  gates[1]?.resolve();
  await tasks[1];
  await Promise.resolve();
  assert.deepEqual(started, [0, 1, 2]);

  for (const gate of gates) gate.resolve();
  await Promise.all(tasks);
  assert.deepEqual(started, [0, 1, 2, 3]);
});

Deno.test("Turnstile frees the lane of a task that failed", async () => {
  const turnstile = new Turnstile(1);

  await assert.rejects(
    turnstile.run(() => Promise.reject(new Error("Cannot go on"))),
  );

  assert.equal(await turnstile.run(() => Promise.resolve(7)), 7);
});
