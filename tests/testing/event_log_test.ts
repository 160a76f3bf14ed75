/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonLine, type LogEntry, textLine } from "../../src/log/line.ts";
import { EventLog, eventOfJson, eventOfText } from "./event_log.ts";
import { TestProcess } from "./process.ts";

function entry(
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): LogEntry {
  return { time: 1e15, level: "info", module: "proxy", message, fields };
}

function logOf(...messages: readonly string[]): EventLog {
  const log = new EventLog();
  for (const message of messages) log.add(entry(message));
  return log;
}

const value = fc.oneof(fc.string({ unit: "binary" }), fc.integer());

Deno.test("an event is the same in both formats of the log, whatever its fields say", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1 }),
      value,
      (name, value) => {
        fc.pre(!["time", "level", "module", "msg", "__proto__"].includes(name));
        // Text cannot say which "=" is the one between name and value.
        fc.pre(!name.includes("="));
        const one = entry("connection lost", { [name]: value, last: 1 });

        const json = eventOfJson(jsonLine(one).trimEnd());
        const text = eventOfText(textLine(one).trimEnd());

        assert.equal(json?.message, "connection lost");
        const texts = Object.entries(json.fields)
          .map(([name, value]) => [name, String(value)]);
        assert.deepEqual(text, {
          ...json,
          fields: Object.fromEntries(texts),
        });
      },
    ),
  );
});

Deno.test("other lines are not events", () => {
  for (const line of ["", "{}", "port 1234", '{"opened":3}', "a b [c] d"]) {
    assert.equal(eventOfJson(line) ?? eventOfText(line), undefined, line);
  }
});

Deno.test("matching() wants the whole message and every field", () => {
  const log = new EventLog();
  log.add(entry("session lost", { conn: 1, reason: "closed by the peer" }));
  log.add(entry("session lost", { conn: 2 }));

  const sizes = [
    log.matching("session lost"),
    log.matching("session"),
    log.matching(["session closed", "session lost"]),
    log.matching("session lost", { conn: 2 }),
    log.matching("session lost", { reason: /closed/ }),
    log.matching("session lost", { reason: "closed" }),
    log.matching("session lost", { toString: /./ }),
  ].map(({ length }) => length);

  assert.deepEqual(sizes, [2, 0, 2, 1, 1, 0, 0]);
});

Deno.test("seen() gives what was there before, and wakes with what comes", async () => {
  const log = logOf("lost", "back");
  const [lost] = log.all;

  const second = log.seen("lost", {}, { count: 2 });
  const later = log.seen("back", {}, lost && { after: lost, count: 2 });
  log.add(entry("lost"));
  log.add(entry("back"));

  assert.equal((await log.seen("lost")).at, 0);
  assert.equal((await second).at, 2);
  assert.equal((await later).at, 3);
});

Deno.test("seen() fails when the time is up, and when the log has ended", async () => {
  const log = logOf("other");

  await assert.rejects(log.seen("up", {}, { ms: 1 }), /"up"/);
  const waiting = log.seen("up");
  log.end();
  await assert.rejects(waiting, /The log ended without 1 × "up"/);
  await assert.rejects(log.seen("up"), /The log ended/);
  assert.equal((await log.seen("other")).at, 0);
});

Deno.test("a program's lines become events, also when they come in pieces", async () => {
  const line = jsonLine(entry("up", { port: 7 }));
  const text = textLine(entry("down"));
  await using child = new TestProcess(Deno.execPath(), [
    "eval",
    `const write = (text) =>
      Deno.stdout.writeSync(new TextEncoder().encode(text));
    write(${JSON.stringify(line.slice(0, 20))});
    setTimeout(() => write(${JSON.stringify(line.slice(20) + text)}), 50);`,
  ]);

  const up = await child.event("up", { port: 7 });
  const down = await child.event("down", {}, { after: up });

  assert.deepEqual([up.at, down.at], [0, 1]);
  assert.deepEqual(child.log.all, [up, down]);
  await assert.rejects(child.event("never"), /stdout:\n.*"msg":"up"/);
});
