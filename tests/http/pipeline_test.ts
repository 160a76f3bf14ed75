import assert from "node:assert/strict";

import type { Handler } from "../../src/http/exchange.ts";
import { pipeline, type Step } from "../../src/http/pipeline.ts";
import { contextOf, get } from "../proxy/requests.ts";

Deno.test("pipeline() runs the first step first on requests and last on responses", async () => {
  const seen: string[] = [];
  const step = (name: string): Step => (next) => async (request, context) => {
    seen.push(`${name} request`);
    const response = await next(request, context);
    seen.push(`${name} response`);
    return response;
  };
  const send: Handler = () => Promise.reject(new Error("sent"));

  const failed = pipeline([step("outer"), step("inner")], send);

  await assert.rejects(failed(get(), contextOf()), { message: "sent" });
  assert.deepEqual(seen, ["outer request", "inner request"]);
});

Deno.test("pipeline() of steps that have nothing to do is the handler itself", () => {
  const send: Handler = () => Promise.reject(new Error("not called"));

  assert.equal(pipeline([(next) => next, (next) => next], send), send);
  assert.equal(pipeline([], send), send);
});
