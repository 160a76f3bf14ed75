/** Buckets of the counted responses, at both sides of each bound. */
import assert from "node:assert/strict";
import { Registry } from "prom-client";
import {
  DurationTally,
  tallyHistogram,
} from "../../src/metrics/duration_tally.ts";

const LABELS = { code: "200", method: "GET" };

Deno.test("DurationTally counts a response up to each bound, and above all", () => {
  const tally = new DurationTally(LABELS, [1, 2.5]);
  assert.deepEqual([tally.count, tally.seconds], [0, 0]);
  assert.deepEqual(tally.counts, [0, 0, 0]);

  for (const seconds of [0, 1, 1.5, 2.5, 2.75, 100]) tally.add(seconds);

  assert.deepEqual(tally.counts, [2, 2, 2]);
  assert.equal(tally.count, 6);
  assert.equal(tally.seconds, 107.75);
  assert.deepEqual(tally.labels, LABELS);
});

Deno.test("tallyHistogram() shows the tallies of that moment, buckets added up", async () => {
  const registry = new Registry();
  const tallies: DurationTally<"code" | "method">[] = [];
  const config = {
    name: "seconds",
    help: "Seconds.",
    labelNames: ["code", "method"] as const,
    buckets: [1, 2.5],
    registers: [registry],
  };
  tallyHistogram(config, () => tallies);
  const lines = async () =>
    (await registry.metrics()).split("\n").filter((line) =>
      line !== "" && !line.startsWith("#")
    );
  assert.deepEqual(await lines(), []);

  const tally = new DurationTally(LABELS, config.buckets);
  tallies.push(tally);
  for (const seconds of [0.5, 1, 2, 4]) tally.add(seconds);

  assert.deepEqual(await lines(), [
    'seconds_bucket{le="1",code="200",method="GET"} 2',
    'seconds_bucket{le="2.5",code="200",method="GET"} 3',
    'seconds_bucket{le="+Inf",code="200",method="GET"} 4',
    'seconds_sum{code="200",method="GET"} 7.5',
    'seconds_count{code="200",method="GET"} 4',
  ]);
});
