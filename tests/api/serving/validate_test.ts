import assert from "node:assert/strict";
import { Hono } from "hono";
import { z } from "zod";
import { problemResponse } from "../../../src/api/serving/problem.ts";
import { readJson, readQuery } from "../../../src/api/serving/validate.ts";

const schema: z.ZodType<{ a: number; deep?: { b?: string } }> = z.strictObject({
  a: z.coerce.number(),
  deep: z.exactOptional(z.strictObject({ b: z.exactOptional(z.string()) })),
});

const app: Hono = new Hono();
app.onError(problemResponse);
app.post("/", async (context) => context.json(await readJson(context, schema)));
app.get("/", (context) => context.json(readQuery(context, schema)));

async function post(
  body: string,
  type = "application/json",
): Promise<readonly [number, string]> {
  const response = await app.request("/", {
    method: "POST",
    body,
    headers: { "Content-Type": type },
  });
  return [response.status, await response.text()];
}

for (
  const [body, error] of [
    ['{"a":1,"c":2}', 'Unknown field \\"c\\"'],
    ['{"a":1,"c":2,"d":3}', 'Unknown fields \\"c\\", \\"d\\"'],
    ['{"a":1,"deep":{"c":2}}', 'Unknown field \\"deep.c\\"'],
    [
      '{"a":1,"deep":{"b":2}}',
      'Wrong field \\"deep.b\\": expected string, received number',
    ],
    ['"text"', "Wrong body: expected object, received string"],
    ["null", "Wrong body: expected object, received null"],
    ["", "Wrong body: it is not JSON"],
    ['{"a":1', "Wrong body: it is not JSON"],
  ] as const
) {
  Deno.test(`readJson() refuses ${body || "nothing"} in one sentence`, async () => {
    assert.deepEqual(await post(body), [400, `{"error":"${error}"}`]);
  });
}

Deno.test("readJson() takes JSON with parameters in its type, and no other type", async () => {
  assert.deepEqual(
    await post('{"a":1}', "Application/JSON ; charset=utf-8"),
    [200, '{"a":1}'],
  );
  for (const type of ["text/plain", "application/jsonp", ""]) {
    const [status] = await post('{"a":1}', type);
    assert.equal(status, 415, type);
  }
});

Deno.test("readQuery() reads parameters and refuses unknown and repeated ones", async () => {
  const get = async (query: string) =>
    await (await app.request(`/?${query}`)).text();

  assert.equal(await get("a=7"), '{"a":7}');
  assert.equal(await get("a=7&b=1"), '{"error":"Unknown parameter \\"b\\""}');
  assert.equal(
    await get("a=7&a=8"),
    '{"error":"Wrong query: parameter \\"a\\" is given twice"}',
  );
});
