/** Those who wait for the end of a stream hear of it once, before or after. */
import assert from "node:assert/strict";
import { StreamEnd } from "../../../src/http2/stream/stream_end.ts";

Deno.test("closed resolves at an end of any kind, and not before", async () => {
  for (const error of [undefined, new Error("reset")]) {
    const end = new StreamEnd();
    const heard: string[] = [];
    const closed = end.closed.then(() => heard.push("closed"));
    await Promise.resolve();
    assert.deepEqual(heard, []);

    end.settle(error);
    await closed;

    assert.deepEqual(heard, ["closed"]);
    assert.equal(end.closed, end.closed);
  }
});

Deno.test("closed of a stream that has ended resolves at once", async () => {
  const end = new StreamEnd();
  end.settle(undefined);
  await end.closed;
});

Deno.test("the signal is aborted by an early end only, with its error", () => {
  const early = new StreamEnd();
  const { signal } = early;
  assert.equal(signal.aborted, false);
  const error = new Error("reset");
  early.settle(error);
  assert.equal(signal.aborted, true);
  assert.equal(signal.reason, error);
  assert.equal(early.signal, signal);

  const orderly = new StreamEnd();
  const unaborted = orderly.signal;
  orderly.settle(undefined);
  assert.equal(unaborted.aborted, false);
  assert.equal(orderly.signal.aborted, false);
});

Deno.test("the signal of a stream that has ended early is aborted", () => {
  const end = new StreamEnd();
  const error = new Error("reset");
  end.settle(error);
  assert.equal(end.signal.reason, error);

  const orderly = new StreamEnd();
  orderly.settle(undefined);
  assert.equal(orderly.signal.aborted, false);
});

Deno.test("only the last action is called, at the end or at once behind it", () => {
  const end = new StreamEnd();
  const called: string[] = [];
  end.once(() => called.push("first"));
  end.once(() => called.push("second"));
  assert.equal(called.join(), "");

  end.settle(undefined);
  assert.equal(called.join(), "second");

  end.once(() => called.push("late"));
  assert.equal(called.join(), "second,late");
});
