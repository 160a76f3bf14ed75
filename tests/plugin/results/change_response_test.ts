/** A response after the decision of a hook. */
import assert from "node:assert/strict";
import { textBody } from "../../../src/http/bytes_body.ts";
import type { PlainResponse } from "../../../src/http/exchange.ts";
import {
  changeResponse,
  responseData,
} from "../../../src/plugin/results/change_response.ts";
import { HookedContent } from "../../../src/plugin/results/hooked_content.ts";
import type {
  BodyPlan,
  ResponseChange,
} from "../../../src/plugin/results/outcomes.ts";
import { ReadBudget } from "../../../src/plugin/results/read_budget.ts";
import { readBody } from "../../http1/served.ts";
import { responseOf } from "../exchanges.ts";

const NOTHING: ResponseChange = {
  ...{ kind: "change", status: undefined, headers: [], body: undefined },
};

function change(
  response: PlainResponse,
  changes: Partial<ResponseChange>,
  method = "GET",
): PlainResponse {
  const reader = new HookedContent(response, new ReadBudget());
  return changeResponse(response, { ...NOTHING, ...changes }, {
    method,
    reader,
  });
}

/** A body that counts how often it is given up. */
function watched(text: string) {
  const body = textBody(text);
  const cancel = body.cancel.bind(body);
  let cancelled = 0;
  body.cancel = () => {
    cancelled++;
    cancel();
  };
  return { body, cancelled: () => cancelled };
}

Deno.test("a hook sees status and fields", () => {
  const response = responseOf("", { status: 404, fields: ["A", "1"] });
  assert.deepEqual(responseData(response), {
    status: 404,
    headers: ["A", "1"],
  });
});

Deno.test("what is not changed stays", async () => {
  const response = responseOf("abc", { status: 404, fields: ["A", "1"] });
  const { status, fields, body } = change(response, {});
  assert.equal(status, 404);
  assert.equal(fields, response.fields);
  assert.ok(body);
  assert.equal(await readBody(body), "abc");
});

Deno.test("status, fields and content are changed", async () => {
  const fields = ["Content-Length", "3", "A", "1"];
  const bytes = new TextEncoder().encode("12345");
  const result = change(responseOf("abc", { fields }), {
    status: 201,
    headers: ["set", "A", "2"],
    body: { kind: "bytes", bytes },
  });
  assert.equal(result.status, 201);
  assert.deepEqual([...result.fields], [["Content-Length", "5"], ["A", "2"]]);
  assert.ok(result.body);
  assert.equal(await readBody(result.body), "12345");
});

for (const status of [204, 304]) {
  Deno.test(`a response that becomes ${status} loses its content`, () => {
    const { body, cancelled } = watched("abc");
    const fields = ["Content-Length", "3"];
    const result = change(responseOf(body, { fields }), { status });
    assert.equal(result.status, status);
    assert.equal(result.body, undefined);
    assert.equal(result.fields.get("content-length"), "0");
    assert.ok(cancelled() > 0);
  });
}

Deno.test("a response to HEAD keeps the length that it tells", () => {
  const response = responseOf(undefined, { fields: ["Content-Length", "3"] });
  const bytes = new TextEncoder().encode("12345");
  const result = change(response, {
    headers: ["set", "A", "1"],
    body: { kind: "bytes", bytes },
  }, "HEAD");
  assert.equal(result.body, undefined);
  assert.equal(result.fields.get("content-length"), "3");
  assert.equal(result.fields.get("a"), "1");
  assert.equal(result.status, 200);
});

Deno.test("a stream that has no place is given up", () => {
  let cancelled = 0;
  const plan: BodyPlan = {
    kind: "stream",
    isDerived: false,
    source: { pull: () => undefined, cancel: () => void cancelled++ },
  };
  change(responseOf(undefined), { body: plan }, "HEAD");
  assert.equal(cancelled, 1);
});
