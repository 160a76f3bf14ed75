import assert from "node:assert/strict";
import { RunningJobs } from "../../../src/server/tunnels/running_jobs.ts";

Deno.test("RunningJobs counts exchanges by job, and knows since when a job is running", () => {
  let now = 1000;
  const jobs = new RunningJobs(() => now);
  const first = jobs.begin("a");
  now = 2000;
  const second = jobs.begin("a");
  jobs.begin("b");

  assert.equal(jobs.size, 2);
  assert.equal(jobs.exchanges, 3);
  assert.deepEqual(jobs.list(), [
    { id: "a", exchanges: 2, since: 1000 },
    { id: "b", exchanges: 1, since: 2000 },
  ]);

  first();
  first();
  assert.deepEqual(jobs.list()[0], { id: "a", exchanges: 1, since: 1000 });
  second();
  now = 3000;
  jobs.begin("a");
  assert.deepEqual(jobs.list(), [
    { id: "b", exchanges: 1, since: 2000 },
    { id: "a", exchanges: 1, since: 3000 },
  ]);
  assert.equal(jobs.exchanges, 2);
});
