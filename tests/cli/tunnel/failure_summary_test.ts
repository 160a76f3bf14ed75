import assert from "node:assert/strict";
import { FailureSummary } from "../../../src/cli/tunnel/failure_summary.ts";
import type { RequestFailure } from "../../../src/proxy/errors/error_responses.ts";

const FAILED: RequestFailure = {
  method: "GET",
  host: "a.test",
  path: "/a",
  message: 'Cannot connect to "a.test": nothing listens there',
  party: "the site",
};

Deno.test("a summary of nothing is empty", () => {
  assert.deepEqual(new FailureSummary().lines(), []);
});

Deno.test("failures that are alike are one line with their number, the most frequent first", () => {
  const summary = new FailureSummary();
  summary.add({
    ...FAILED,
    method: "CONNECT",
    host: "b.test:443",
    path: undefined,
  });
  for (let at = 0; at < 10; at += 1) summary.add(FAILED);

  assert.deepEqual(summary.lines(), [
    "11 requests failed in the tunnel",
    '10 × GET a.test/a [the site] Cannot connect to "a.test": nothing listens there',
    ' 1 × CONNECT b.test:443 [the site] Cannot connect to "a.test": nothing listens there',
  ]);
});

Deno.test("browsers cannot make a summary grow without end", () => {
  const summary = new FailureSummary();
  for (let at = 0; at < 3_000; at += 1) {
    summary.add({ ...FAILED, path: `/${at}/${"x".repeat(10_000)}` });
  }

  const lines = summary.lines();

  assert.equal(lines.length, 22);
  assert.equal(lines[0], "3000 requests failed in the tunnel");
  assert.equal(lines.at(-1), "and 2980 requests with other failures");
  assert.ok(lines.every(({ length }) => length < 400));
});
