import assert from "node:assert/strict";
import type { SendLine } from "../../../src/plugin/worker/line_limit.ts";
import {
  boundedLog,
  consoleTo,
} from "../../../src/plugin/worker/worker_console.ts";

type Line = Parameters<SendLine>[0];

/** A log on a clock that stands still until told. */
function logOn(): {
  readonly log: ReturnType<typeof boundedLog>;
  readonly lines: Line[];
  tick(): void;
  [Symbol.dispose](): void;
} {
  const lines: Line[] = [];
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  const log = boundedLog((line) => lines.push(line));
  return {
    log,
    lines,
    tick: () => time += 1_000,
    [Symbol.dispose]: () => performance.now = now,
  };
}

Deno.test("a log takes 1,000 lines a second, and says how many it left out", () => {
  using world = logOn();

  for (let count = 0; count < 1_500; count += 1) world.log.info("again");
  const before = world.lines.length;
  world.tick();
  world.log.info("later");

  assert.equal(before, 1_000);
  assert.deepEqual(world.lines.slice(1_000), [
    {
      level: "warn",
      message: "too many log lines, some were dropped",
      fields: { lines: 500 },
    },
    { level: "info", message: "later", fields: {} },
  ]);
});

Deno.test("a long line is cut, its message and its fields", () => {
  using world = logOn();

  world.log.info("a".repeat(10_000), { text: "b".repeat(100_000) });
  world.log.info("short", { token: "hide me" });

  const [long, short] = world.lines;
  assert.ok(JSON.stringify(long).length < 9_000);
  assert.match(JSON.stringify(long), /aaa.*bbb/);
  assert.deepEqual(short?.fields, { token: "xxxxx" });
});

Deno.test("console writes to the log what it would write to the terminal", () => {
  using world = logOn();
  const console = consoleTo(world.log);

  console["log"]?.("%s is %d", "a", 1, { b: 2 });
  console["error"]?.(new Error("boom"));
  console["assert"]?.(1 === 1, "fine");
  console["assert"]?.(false, "not fine");
  console["group"]?.("nothing");

  assert.deepEqual(world.lines.map(({ level }) => level), [
    "info",
    "error",
    "warn",
  ]);
  assert.deepEqual(world.lines[0]?.fields, { text: "a is 1 { b: 2 }" });
  assert.match(String(world.lines[1]?.fields["text"]), /^Error: boom\n/);
  assert.match(String(world.lines[2]?.fields["text"]), /not fine/);
});
