/** @module */
import assert from "node:assert/strict";
import type { Handler } from "../../src/http/exchange.ts";
import { ExchangeAborted } from "../../src/http/exchange_aborted.ts";
import { Fields } from "../../src/http/fields.ts";
import type { SenderTally } from "../../src/metrics/organization_tallies.ts";
import {
  countSenders,
  MAX_COUNTED_JOBS,
  MAX_COUNTED_USERS,
  SenderTallies,
} from "../../src/proxy/count_senders.ts";
import { contextOf, get } from "./requests.ts";

/** Each tally in one line: its labels, and what it has counted. */
function linesOf(tallies: Iterable<SenderTally>): readonly string[] {
  return Array.from(tallies, ({ labels, requests }) => {
    const counts = requests.byClass.filter(([, count]) => count > 0)
      .map(([code, count]) => `${code}=${count}`);
    return [...Object.values(labels), ...counts].join(" ");
  }).toSorted();
}

/** All requests that tallies have counted. */
function sumOf(tallies: Iterable<SenderTally>): number {
  return Iterator.from(tallies)
    .flatMap(({ requests }) => requests.byClass)
    .reduce((sum, [, count]) => sum + count, 0);
}

Deno.test("SenderTallies counts each response for its user, and for its job if it has one", () => {
  const senders = new SenderTallies();

  senders.count({ user: "ann", job: "a" }, 200);
  senders.count({ user: "ann", job: "a" }, 502);
  senders.count({ user: "ann" }, 304);
  senders.count({ user: "bob", job: "a" }, 200);
  senders.count({ job: "a" }, 200);
  senders.count({}, 200);

  assert.deepEqual(linesOf(senders.users()), [
    "ann 2xx=1 3xx=1 5xx=1",
    "bob 2xx=1",
  ]);
  assert.deepEqual(linesOf(senders.jobs()), [
    "ann a 2xx=1 5xx=1",
    "bob a 2xx=1",
  ]);
});

Deno.test("SenderTallies: users beyond the bound share one value; those who came first keep theirs", () => {
  const senders = new SenderTallies({ users: 2 });

  for (const user of ["ann", "bob", "joe", "eve", "ann", "joe"]) {
    senders.count({ user }, 200);
  }

  assert.deepEqual(linesOf(senders.users()), [
    "(other) 2xx=3",
    "ann 2xx=2",
    "bob 2xx=1",
  ]);
});

Deno.test("SenderTallies: the jobs of the latest requests have values, and no request of another is lost", () => {
  const senders = new SenderTallies({ jobs: 2 });

  for (const job of ["a", "b", "a", "c", "b", "d"]) {
    senders.count({ user: "ann", job }, 200);
  }

  assert.deepEqual(linesOf(senders.jobs()), [
    "(other) (other) 2xx=4",
    "ann b 2xx=1",
    "ann d 2xx=1",
  ]);
});

Deno.test("SenderTallies: many users and jobs of one organization take no values from another", () => {
  const senders = new SenderTallies({ users: 4, jobs: 4 });
  const count = (organization: string, at: number): void =>
    senders.count({
      organization,
      user: `${organization}${at}`,
      job: `job${at}`,
    }, 200);

  for (let at = 0; at < 9; at++) count("acme", at);
  for (let at = 0; at < 2; at++) count("labs", at);
  for (let at = 0; at < 9; at++) count("acme", at);

  const own = (lines: readonly string[]) =>
    lines.filter((line) => line.startsWith("labs"));
  assert.deepEqual(own(linesOf(senders.users())), [
    "labs labs0 2xx=1",
    "labs labs1 2xx=1",
  ]);
  assert.deepEqual(own(linesOf(senders.jobs())), [
    "labs labs0 job0 2xx=1",
    "labs labs1 job1 2xx=1",
  ]);
  assert.equal(sumOf(senders.users()), 20);
  assert.equal(sumOf(senders.jobs()), 20);
});

Deno.test("a thousand users with a thousand jobs make no more series than the bounds and one", () => {
  const senders = new SenderTallies();

  for (let at = 0; at < 1_000; at++) {
    senders.count({ user: `u${at}`, job: `j${at}` }, 200);
  }

  assert.equal(senders.users().length, MAX_COUNTED_USERS + 1);
  assert.equal(senders.jobs().length, MAX_COUNTED_JOBS + 1);
  assert.equal(sumOf(senders.users()), 1_000);
  assert.equal(sumOf(senders.jobs()), 1_000);
});

Deno.test("countSenders() counts responses, and requests that end without one", async () => {
  const senders = new SenderTallies();
  const handler: Handler = (request) =>
    request.authority === "gone.test"
      ? Promise.reject(new ExchangeAborted("a plugin"))
      : Promise.resolve({
        kind: "response",
        status: 201,
        fields: new Fields(),
        body: undefined,
      });
  const counted = countSenders(handler, senders);
  const context = { ...contextOf(), user: "ann", job: "a" };

  await counted(get("a.test"), context);
  await assert.rejects(counted(get("gone.test"), context), ExchangeAborted);

  assert.deepEqual(linesOf(senders.users()), ["ann 2xx=1 4xx=1"]);
  assert.deepEqual(linesOf(senders.jobs()), ["ann a 2xx=1 4xx=1"]);
});
