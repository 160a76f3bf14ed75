import assert from "node:assert/strict";
import {
  messagesOf,
  withCauses,
} from "../../../src/plugin/loading/error_causes.ts";

const REFUSED = new Error("connection refused");
const FAILED = new TypeError("fetch failed", { cause: REFUSED });

Deno.test("messagesOf() has the causes of an error, each once", () => {
  const token = new Error("no token", { cause: FAILED });
  const repeating = new Error("no token: fetch failed", { cause: FAILED });

  assert.deepEqual(messagesOf(token), [
    "no token",
    "fetch failed",
    "connection refused",
  ]);
  assert.deepEqual(messagesOf(repeating), [
    "no token: fetch failed",
    "connection refused",
  ]);
  assert.deepEqual(messagesOf(new Error("no\nway", { cause: "text" })), ["no"]);
  assert.deepEqual(messagesOf(new RangeError()), ["RangeError"]);
});

Deno.test("messagesOf() ends for errors that cause each other", () => {
  const first = new Error("first");
  const second = new Error("second", { cause: first });
  first.cause = second;
  const long = Array.from({ length: 100 }).reduce<Error>(
    (cause, _, at) => new Error(`e${at}`, { cause }),
    new Error("end"),
  );

  assert.deepEqual(messagesOf(first), ["first", "second"]);
  assert.equal(messagesOf(long).length, 5);
});

Deno.test("withCauses() keeps other fields", () => {
  const plain = new Error("plain");

  assert.deepEqual(withCauses({ error: FAILED, plain, count: 1 }), {
    error: "fetch failed: connection refused",
    plain,
    count: 1,
  });
  assert.deepEqual(withCauses(undefined), {});
});
