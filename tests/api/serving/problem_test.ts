import assert from "node:assert/strict";
import { HTTPException } from "hono/http-exception";
import { Problem, problemResponse } from "../../../src/api/serving/problem.ts";

Deno.test("problemResponse() turns a Problem into a response with its status, fields and sentence", async () => {
  const response = problemResponse(
    new Problem(429, "Cannot log in: wait", { "Retry-After": "60" }),
  );

  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "60");
  assert.deepEqual(await response.json(), { error: "Cannot log in: wait" });
});

Deno.test("problemResponse() keeps the status of Hono's own errors", async () => {
  const response = problemResponse(
    new HTTPException(400, { message: "Malformed" }),
  );

  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), { error: "Malformed" });
});

Deno.test("problemResponse() says nothing of what went wrong inside", async () => {
  const response = problemResponse(new TypeError("secret is undefined"));

  assert.equal(response.status, 500);
  assert.deepEqual(await response.json(), {
    error: "Internal error, see the server's log",
  });
});
