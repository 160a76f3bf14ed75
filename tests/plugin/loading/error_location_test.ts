/** @module */
import assert from "node:assert/strict";
import { errorReportOf } from "../../../src/plugin/loading/error_location.ts";

const ORIGIN = { url: "file:///lab/ask.ts?v=1", rule: "ask" };

function messageOf(thrown: unknown): string {
  return errorReportOf(thrown, ORIGIN).message;
}

Deno.test("the message of an error says its causes, each once", () => {
  const dial = new Error("connection refused\n    at somewhere");
  const sending = new Error("error sending request", { cause: dial });
  const repeated = new TypeError("Cannot fetch: connection refused", {
    cause: dial,
  });

  assert.equal(
    messageOf(new TypeError("fetch failed", { cause: sending })),
    "fetch failed: error sending request: connection refused",
  );
  assert.equal(messageOf(repeated), "Cannot fetch: connection refused");
  assert.equal(messageOf(new Error("no", { cause: "a string" })), "no");
  assert.equal(messageOf("thrown as it is"), "thrown as it is");
});

Deno.test("an error that is its own cause has an end", () => {
  const first = new Error("first");
  const second = new Error("second", { cause: first });
  first.cause = second;

  assert.equal(messageOf(first), "first: second");
});
