import assert from "node:assert/strict";
import * as z from "zod";
import {
  checkOptions,
  issueText,
  OptionsError,
  readIssues,
  type Schema,
} from "../../../src/plugin/loading/check_options.ts";

/** What is wrong, as `path: message`. */
async function issuesOf(
  options: unknown,
  schema: Schema,
): Promise<readonly string[]> {
  try {
    await checkOptions(options, schema);
    return [];
  } catch (error) {
    assert.ok(error instanceof OptionsError);
    return error.issues.map(({ path, message }) =>
      `${path.join(".")}: ${message}`
    );
  }
}

const NESTED = z.object({
  host: z.string(),
  times: z.int().default(1),
  limits: z.object({ low: z.number(), high: z.number() }).optional(),
});

Deno.test("checkOptions() adds defaults", async () => {
  assert.deepEqual(await checkOptions({ host: "a.test" }, NESTED), {
    host: "a.test",
    times: 1,
  });
  assert.deepEqual(await checkOptions(undefined, z.object({})), {});
  assert.deepEqual(await checkOptions({ any: 1 }, undefined), { any: 1 });
});

Deno.test("checkOptions() reports all that is wrong in the words of the schema", async () => {
  assert.deepEqual(await issuesOf({ times: "x", limits: { low: 1 } }, NESTED), [
    "host: Invalid input: expected string, received undefined",
    "times: Invalid input: expected number, received string",
    "limits.high: Invalid input: expected number, received undefined",
  ]);
});

Deno.test("checkOptions() finds keys that a schema drops, and what was meant", async () => {
  const given = { hots: "x", host: "a", limits: { low: 1, high: 2, hihg: 3 } };

  assert.deepEqual(await issuesOf(given, NESTED), [
    'hots: unknown option, did you mean "host"?',
    'limits.hihg: unknown option, did you mean "high"?',
  ]);
  assert.deepEqual(await issuesOf({ host: "a", colour: 1 }, NESTED), [
    "colour: unknown option, options are host, times, limits",
  ]);
  assert.deepEqual(
    await issuesOf({ tims: 1, host: 2 }, z.strictObject(NESTED.shape)),
    [
      "host: Invalid input: expected string, received number",
      'tims: unknown option, did you mean "times"?',
    ],
  );
});

Deno.test("checkOptions() leaves keys to schemas that want any, or that are of others", async () => {
  const own: Schema = {
    "~standard": { validate: () => ({ value: "anything" }) },
  };

  assert.deepEqual(await issuesOf({ any: 1 }, z.looseObject({})), []);
  assert.deepEqual(
    await issuesOf({ any: 1 }, z.record(z.string(), z.int())),
    [],
  );
  assert.equal(await checkOptions({ any: 1 }, own), "anything");
});

Deno.test("readIssues() bounds what a worker sends", () => {
  const issue = { path: Array(100).fill("x"), message: "y".repeat(9_999) };
  const found = readIssues(Array(100).fill(issue)) ?? [];

  assert.equal(found.length, 20);
  assert.deepEqual(
    [found[0]?.path.length, found[0]?.message.length],
    [16, 1_000],
  );
  assert.deepEqual(readIssues([7]), [{ path: [], message: "undefined" }]);
  assert.equal(readIssues("x"), undefined);
  assert.equal(readIssues([]), undefined);
});

Deno.test("issueText() names the option where there is one", () => {
  assert.equal(issueText({ path: [], message: "no" }), "no");
  assert.equal(issueText({ path: ["a", "b"], message: "no" }), "a.b: no");
});

Deno.test("an unknown option is removed where no others exist, and else it is one of these", async () => {
  assert.deepEqual(await issuesOf({ odd: 1 }, z.strictObject({})), [
    "odd: unknown option, remove it",
  ]);
  const one = z.strictObject({ host: z.string().optional() });
  assert.deepEqual(await issuesOf({ zzzzzzzz: 1 }, one), [
    "zzzzzzzz: unknown option, options are host",
  ]);
});
