/** What a client reads of a refusal: when to come back, and whether its key has expired. */
import assert from "node:assert/strict";
import {
  expiryIn,
  RestError,
  retryAfterOf,
} from "../../../src/client/rest/rest_error.ts";

/** Status and Retry-After → the seconds that are waited. */
const WAITS = [
  [429, "7", 7],
  [503, "0", 0],
  [503, "999999999", 999_999_999],
  [503, "1000000000", undefined],
  [429, undefined, undefined],
  [429, "", undefined],
  [429, "-1", undefined],
  [429, "1.5", undefined],
  [429, " 7", undefined],
  [429, "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  [500, "7", undefined],
  [401, "7", undefined],
  [200, "7", undefined],
] as const;

for (const [status, field, seconds] of WAITS) {
  Deno.test(`${status} with Retry-After ${JSON.stringify(field)} is ${seconds} s`, () => {
    assert.equal(retryAfterOf(status, field), seconds);
  });
}

Deno.test("a RestError has its status, its wait and its cause", () => {
  const cause = new Error("cause");
  const error = new RestError(503, "it stops", { retryAfter: 3, cause });
  assert.deepEqual(
    [error.name, error.message, error.status, error.retryAfter, error.cause],
    ["RestError", "it stops", 503, 3, cause],
  );
  assert.equal(new RestError(400, "no").retryAfter, undefined);
});

Deno.test("only a refused key says when it has expired", () => {
  const sentence = 'The key "ci" of "ann" expired at 2026-01-02T03:04:05Z';
  assert.equal(expiryIn(new RestError(401, sentence)), sentence);
  assert.equal(expiryIn(new RestError(403, sentence)), undefined);
  assert.equal(expiryIn(new RestError(401, "wrong key")), undefined);
});
