/** @module */
import assert from "node:assert/strict";
import { abortable } from "../../src/async/abortable.ts";
import { countedSignal } from "../testing/counted_signal.ts";

const never = new Promise<never>(() => {});

Deno.test("abortable() gives what the promise gives", async () => {
  const { signal } = new AbortController();

  assert.equal(await abortable(Promise.resolve(1), signal), 1);
  await assert.rejects(
    abortable(Promise.reject(new RangeError("far")), signal),
    RangeError,
  );
});

Deno.test("abortable() without a signal waits for the promise", async () => {
  assert.equal(await abortable(Promise.resolve(1), undefined), 1);
});

Deno.test("abortable() throws the signal's reason when it is aborted first", async () => {
  const stop = new AbortController();
  const waiting = abortable(never, stop.signal);

  stop.abort(new RangeError("enough"));

  await assert.rejects(waiting, { name: "RangeError", message: "enough" });
});

Deno.test("abortable() does not begin to wait when the signal is aborted already", async () => {
  const signal = AbortSignal.abort(new RangeError("before"));

  await assert.rejects(abortable(never, signal), { message: "before" });
});

Deno.test("abortable() keeps a failure that nobody waits for any more to itself", async () => {
  const late = Promise.withResolvers<never>();
  const waiting = abortable(late.promise, AbortSignal.abort());
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);

  await assert.rejects(waiting, { name: "AbortError" });
  late.reject(new Error("late"));
  // Rejections without a handler are reported before a new macrotask.
  await new Promise((resolve) => setTimeout(resolve, 0));

  globalThis.removeEventListener("unhandledrejection", note);
  assert.deepEqual(unhandled, []);
});

Deno.test("abortable() leaves no listener on the signal", async () => {
  const counted = countedSignal();

  await abortable(Promise.resolve(), counted.signal);

  assert.equal(counted.listeners, 0);
});
