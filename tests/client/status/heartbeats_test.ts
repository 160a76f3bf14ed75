/** Whether heartbeats fail, since when, and what the log says of it. */
import assert from "node:assert/strict";
import { Heartbeats } from "../../../src/client/status/heartbeats.ts";
import { recordLog } from "../../testing/event_log.ts";

Deno.test("nothing is known before the first heartbeat", () => {
  const heartbeats = new Heartbeats();
  assert.equal(heartbeats.failures, 0);
  assert.equal(heartbeats.lastSuccess, undefined);
  assert.equal(heartbeats.failure, undefined);
});

Deno.test("a heartbeat that was taken has its time", () => {
  const heartbeats = new Heartbeats();
  const before = Date.now();
  heartbeats.succeed();
  assert.ok((heartbeats.lastSuccess ?? 0) >= before);
  assert.ok((heartbeats.lastSuccess ?? Infinity) <= Date.now());
  assert.equal(heartbeats.failures, 0);
});

Deno.test("failures are counted, with the beginning and the last reason", () => {
  const heartbeats = new Heartbeats();
  const before = Date.now();
  heartbeats.fail(new Error("refused"));
  const first = heartbeats.failure;
  heartbeats.fail("timed out");

  assert.equal(heartbeats.failures, 2);
  assert.equal(first?.cause, "refused");
  assert.ok(first.since >= before && first.since <= Date.now());
  assert.deepEqual(heartbeats.failure, {
    since: first.since,
    cause: "timed out",
  });
});

Deno.test("a success ends the failure, and keeps the count", () => {
  const heartbeats = new Heartbeats();
  heartbeats.fail("refused");
  heartbeats.succeed();
  assert.equal(heartbeats.failure, undefined);
  assert.equal(heartbeats.failures, 1);
});

Deno.test("the log has the first failure of several, and their end", async () => {
  await using log = await recordLog();
  const heartbeats = new Heartbeats();
  heartbeats.succeed();
  heartbeats.fail(new Error("refused"));
  heartbeats.fail(new Error("refused again"));
  const since = heartbeats.failure?.since ?? 0;
  heartbeats.succeed();
  heartbeats.succeed();
  heartbeats.fail(new Error("once more"));

  assert.deepEqual(
    log.all.map(({ level, message, fields }) => [level, message, fields]),
    [
      ["warn", "heartbeat failed", { cause: "Error: refused" }],
      [
        "info",
        "heartbeats succeed again",
        { since: new Date(since).toISOString() },
      ],
      ["warn", "heartbeat failed", { cause: "Error: once more" }],
    ],
  );
});
