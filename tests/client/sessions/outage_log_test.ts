import assert from "node:assert/strict";
import { OutageLog } from "../../../src/client/sessions/outage_log.ts";
import { type EventLog, recordLog } from "../../testing/event_log.ts";

const ADDRESS = { hostname: "lab.test", port: 8444 };
const LOST = { reason: "cut", backoff: "100ms" };
const REFUSED = { error: "connection refused", backoff: "200ms" };

/** What a user sees: all but debug, with what differs. */
function news(log: EventLog): readonly string[] {
  return log.all.filter(({ level }) => level !== "debug")
    .map(({ level, message, fields }) =>
      [level, message, fields.reason ?? fields.error ?? fields.active ?? ""]
        .join(" ").trimEnd()
    );
}

/** A log of four sessions that are open. */
function opened(size = 4): OutageLog {
  const log = new OutageLog(size, ADDRESS);
  for (let active = 1; active <= size; active++) {
    log.connecting();
    log.opened(active);
  }
  return log;
}

Deno.test("a start is a line for the attempt, the first session and the last one", async () => {
  await using lines = await recordLog();

  opened();

  assert.deepEqual(news(lines), [
    "info connecting to",
    "info established connection to Sallyport server 1/4",
    "info established connection to Sallyport server 4/4",
  ]);
});

Deno.test("an outage is a line when it begins, one for each reason, and two when it is over", async () => {
  await using lines = await recordLog();
  const log = opened();
  const before = news(lines).length;

  for (let active = 3; active >= 0; active--) log.lost(active, LOST);
  for (let attempt = 0; attempt < 100; attempt++) {
    log.connecting();
    log.failed(REFUSED);
    log.failed({ ...REFUSED, error: "timed out" });
  }
  for (let active = 1; active <= 4; active++) log.opened(active);

  assert.deepEqual(news(lines).slice(before), [
    "info connection lost cut",
    "error connect failed connection refused",
    "error connect failed timed out",
    "info established connection to Sallyport server 1/4",
    "info established connection to Sallyport server 4/4",
  ]);
  assert.equal(lines.matching("connect failed").length, 200);
});

Deno.test("each outage is logged, and a session that is replaced is not an error", async () => {
  await using lines = await recordLog();
  const log = opened();
  const before = news(lines).length;

  for (let time = 0; time < 2; time++) {
    log.lost(3, LOST);
    log.failed(REFUSED);
    log.failed(REFUSED);
    log.opened(4);
  }

  const one = [
    "info connection lost cut",
    "info connect failed connection refused",
    "info established connection to Sallyport server 4/4",
  ];
  assert.deepEqual(news(lines).slice(before), [...one, ...one]);
});

Deno.test("the loss of all sessions is an error, after the loss of some was not", async () => {
  await using lines = await recordLog();
  const log = opened();

  log.lost(3, LOST);
  log.failed(REFUSED);
  for (let active = 2; active >= 0; active--) log.lost(active, LOST);
  log.failed(REFUSED);

  assert.deepEqual(news(lines).slice(-2), [
    "info connect failed connection refused",
    "error connect failed connection refused",
  ]);
});

Deno.test("reasons that a hostile server makes up do not fill the log", async () => {
  await using lines = await recordLog();
  const log = new OutageLog(1, ADDRESS);

  for (let at = 0; at < 1_000; at++) {
    log.failed({ ...REFUSED, error: `reason ${at}` });
  }

  assert.equal(news(lines).length, 5);
});
