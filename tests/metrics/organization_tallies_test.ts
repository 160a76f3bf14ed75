/** What is counted of each organization, and how many have numbers. */
import assert from "node:assert/strict";
import {
  MAX_ORGANIZATIONS,
  NO_ORGANIZATION,
  OrganizationTallies,
  OrganizationTally,
  OTHERS,
  StatusClasses,
} from "../../src/metrics/organization_tallies.ts";

const session = (bytesSent: number, bytesReceived: number) => ({
  stats: { bytesSent, bytesReceived },
});

Deno.test("OrganizationTally counts responses by the first digit of their status", () => {
  const tally = new OrganizationTally("shop");

  for (const status of [100, 200, 299, 300, 599, 999]) {
    tally.countRequest(status);
  }

  assert.equal(tally.organization, "shop");
  assert.deepEqual(tally.requests.byClass, [
    ["1xx", 1],
    ["2xx", 2],
    ["3xx", 1],
    ["4xx", 0],
    ["5xx", 1],
    ["9xx", 1],
  ]);
});

Deno.test("OrganizationTally counts certificates, and failed logins by reason", () => {
  const tally = new OrganizationTally("shop");
  assert.equal(tally.certificatesIssued, 0);
  assert.deepEqual(tally.loginFailures, { refused: 0, throttled: 0, busy: 0 });

  tally.countCertificate();
  tally.countCertificate();
  tally.countLoginFailure("busy");
  tally.countLoginFailure("busy");
  tally.countLoginFailure("refused");

  assert.equal(tally.certificatesIssued, 2);
  assert.deepEqual(tally.loginFailures, { refused: 1, throttled: 0, busy: 2 });
});

Deno.test("OrganizationTally has the bytes of open sessions and of those before", () => {
  const tally = new OrganizationTally("shop");
  const [first, second] = [session(1, 20), session(300, 4_000)];
  assert.deepEqual(tally.bytes, { sent: 0, received: 0 });

  tally.openSession(first);
  tally.openSession(second);
  assert.deepEqual(tally.bytes, { sent: 301, received: 4_020 });
  assert.deepEqual([tally.sessions, tally.sessionsOpened], [2, 2]);

  tally.closeSession(first);
  first.stats.bytesSent = 9_999;
  assert.deepEqual(tally.bytes, { sent: 301, received: 4_020 });
  assert.deepEqual([tally.sessions, tally.sessionsOpened], [1, 2]);

  tally.closeSession(second);
  assert.deepEqual(tally.bytes, { sent: 301, received: 4_020 });
});

Deno.test("OrganizationTally counts the end of a session once, and a loss by reason", () => {
  const tally = new OrganizationTally("shop");
  const [orderly, silent] = [session(1, 1), session(1, 1)];
  const none = { cut: 0, silent: 0, protocol: 0, other: 0 };
  tally.openSession(orderly);
  tally.openSession(silent);

  tally.closeSession(orderly);
  assert.deepEqual(tally.sessionsLost, none);
  tally.closeSession(silent, "silent");
  tally.closeSession(silent, "silent");
  tally.closeSession(session(5, 5), "cut");

  assert.deepEqual(tally.sessionsLost, { ...none, silent: 1 });
  assert.deepEqual(tally.bytes, { sent: 2, received: 2 });
});

Deno.test("OrganizationTallies has one tally for each name, one for all others and one for nobody", () => {
  const tallies = new OrganizationTallies(2);
  assert.equal(tallies.of("").organization, NO_ORGANIZATION);
  const first = tallies.of("a");
  assert.equal(first.organization, "a");
  assert.equal(tallies.of("b").organization, "b");

  const others = tallies.of("c");
  assert.equal(others.organization, OTHERS);
  assert.equal(tallies.of("d"), others);
  assert.equal(tallies.of("a"), first);
  assert.equal(tallies.of(""), tallies.of(""));

  assert.deepEqual(
    [...tallies.values()].map(({ organization }) => organization),
    [NO_ORGANIZATION, "a", "b", OTHERS],
  );
});

Deno.test("OrganizationTallies has 100 names by default", () => {
  const tallies = new OrganizationTallies();
  assert.equal(MAX_ORGANIZATIONS, 100);
  const names = Array.from(
    { length: 101 },
    (_, at) => tallies.of(`o${at}`).organization,
  );

  assert.deepEqual(names.slice(99), ["o99", OTHERS]);
});

Deno.test("StatusClasses has the usual classes, and others that were counted", () => {
  const classes = new StatusClasses();
  const none = [["2xx", 0], ["3xx", 0], ["4xx", 0], ["5xx", 0]];
  assert.deepEqual(classes.byClass, none);

  for (const status of [200, 299, 199, 500, 999]) classes.count(status);
  const counted = [
    ...[["1xx", 1], ["2xx", 2], ["3xx", 0], ["4xx", 0], ["5xx", 1]],
    ["9xx", 1],
  ];
  assert.deepEqual(classes.byClass, counted);

  const all = new StatusClasses();
  all.count(404);
  all.addAll(classes);
  assert.deepEqual(all.byClass, counted.with(3, ["4xx", 1]));
});
