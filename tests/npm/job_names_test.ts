import assert from "node:assert/strict";
import { withJob } from "../../src/client/program/tunnel.ts";
import { jobName } from "../../src/npm/job_names.ts";

const PROXY = { server: "http://a.test", username: "a+b", password: "c" };

Deno.test.each([
  ["shop.spec.ts pays by card", /^shop\.spec\.ts-pays-by-card-[\da-f]{8}$/],
  ["Grüße: 100 % ✓", /^Gru-e-100-[\da-f]{8}$|^Gru-?e-100-[\da-f]{8}$/],
  ["", /^test-[\da-f]{8}$/],
  ["…", /^\.\.\.-[\da-f]{8}$/],
  ["x".repeat(500), /^x{80}-[\da-f]{8}$/],
])(
  "the job of a test called %j is one that the proxy accepts",
  (title, name) => {
    const job = jobName(title);

    assert.match(job, name);
    assert.equal(withJob(PROXY, job).username, `a+b;job=${job}`);
    assert.notEqual(jobName(title), job);
  },
);
