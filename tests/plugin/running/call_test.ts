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
  using _listening = call.onAbort({ cancel: () => told += 1 });
  call.listen();

  exchange.abort();
  call.abort("late");

  assert.equal(told, 1);
});

Deno.test("a Call hears of an abort before listen() then, and of its own at once", () => {
  const told: string[] = [];
  const exchange = new AbortController();
  const call = new Call([exchange.signal]);
  const late = new Call([]);
  call.onAbort({ cancel: () => told.push("call") });
  late.onAbort({ cancel: () => told.push("late") });

  exchange.abort();
  late.abort("late");
  assert.deepEqual(told, ["late"]);
  call.listen();

  assert.deepEqual(told, ["late", "call"]);
});

Deno.test("Call.onAbort() calls its listener at once after an abort, and never after disposal", () => {
  const exchange = new AbortController();
  const over = new Call([]);
  over.abort("late");
  const call = new Call([exchange.signal]);
  const told: string[] = [];

  over.onAbort({ cancel: () => told.push("over") })[Symbol.dispose]();
  const listening = call.onAbort({ cancel: () => told.push("call") });
  call.listen();
  listening[Symbol.dispose]();
  exchange.abort();
  call.abort("late");

  assert.deepEqual(told, ["over"]);
});
