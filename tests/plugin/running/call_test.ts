import assert from "node:assert/strict";
import { Call } from "../../../src/plugin/running/call.ts";

Deno.test("a Call's signal follows those who wait for it", () => {
  const exchange = new AbortController();
  const call = new Call([exchange.signal, new AbortController().signal]);
  const { signal } = call;

  exchange.abort("gone");

  assert.equal(signal.reason, "gone");
  assert.equal(call.signal, signal);
});

Deno.test("a Call's signal that is made late is aborted from the start", () => {
  const call = new Call([]);
  call.abort("late");

  assert.equal(call.signal.reason, "late");
});

Deno.test("Call.onAbort() calls its listener once, whichever signal aborts first", () => {
  const exchange = new AbortController();
  const call = new Call([exchange.signal]);
  let told = 0;
  using _listening = call.onAbort(() => told += 1);

  exchange.abort();
  call.abort("late");

  assert.equal(told, 1);
});

Deno.test("Call.onAbort() calls its listener at once after an abort, and never after disposal", () => {
  const exchange = new AbortController();
  const over = new Call([AbortSignal.abort()]);
  const call = new Call([exchange.signal]);
  const told: string[] = [];

  over.onAbort(() => told.push("over"))[Symbol.dispose]();
  call.onAbort(() => told.push("call"))[Symbol.dispose]();
  exchange.abort();
  call.abort("late");

  assert.deepEqual(told, ["over"]);
});
