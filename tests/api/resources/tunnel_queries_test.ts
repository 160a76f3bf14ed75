/** Queries of the REST API: each parameter, and both ends of each range. */
// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import {
  allTunnelsQuery,
  listQuery,
  numeric,
  stopManyOptions,
  stopManyQuery,
  stopOptions,
  stopQuery,
  updatesQuery,
  versionsQuery,
} from "../../../src/api/resources/tunnel_queries.ts";
import { z } from "zod";

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

for (
  const [text, value] of [
    ["1", true],
    ["true", true],
    ["0", false],
    ["false", false],
  ] as const
) {
  Deno.test(`a flag "${text}" is ${value}`, () => {
    assert.equal(listQuery.parse({ full: text }).full, value);
  });
}

Deno.test("no other text is a flag, and no other name a parameter", () => {
  for (const text of ["", "yes", "TRUE", "2"]) {
    assert.equal(accepts(listQuery, { full: text }), false, text);
  }
  assert.equal(accepts(listQuery, { odd: "1" }), false);
  assert.deepEqual(listQuery.parse({}), {});
});

Deno.test("protocols and metadata are lists", () => {
  const read = (query: object) => listQuery.parse(query);
  assert.deepEqual(read({ protocol: "h2c" }).protocol, ["h2c"]);
  assert.deepEqual(read({ protocol: "kgp,ipsec,h2c" }).protocol, [
    ...["kgp", "ipsec", "h2c"],
  ]);
  assert.deepEqual(read({ metadata: "a=1" }).metadata, { a: "1" });
  assert.deepEqual(read({ metadata: "a=1=2,b=" }).metadata, {
    a: "1=2",
    b: "",
  });
  for (const protocol of ["", "h2", "h2c,", ",h2c"]) {
    assert.equal(accepts(listQuery, { protocol }), false, protocol);
  }
  for (const metadata of ["", "a", "=1", "a=1,", "a=1,b"]) {
    assert.equal(accepts(listQuery, { metadata }), false, metadata);
  }
});

Deno.test("texts have at most 1,024 characters, a configuration 30 KiB", () => {
  const text = (length: number) => "a".repeat(length);
  assert.equal(accepts(updatesQuery, { region: text(1_024) }), true);
  assert.equal(accepts(updatesQuery, { region: text(1_025) }), false);
  assert.equal(accepts(updatesQuery, { configuration: text(30_720) }), true);
  assert.equal(accepts(updatesQuery, { configuration: text(30_721) }), false);
  assert.equal(accepts(versionsQuery, { client_version: text(1_025) }), false);
});

/** Least and greatest value of a number in a query. */
for (
  const [name, schema, max] of [
    ["limit", allTunnelsQuery, 1_000],
    ["drain_timeout", stopQuery, 10_800],
  ] as const
) {
  Deno.test(`${name} is from 1 to ${max}`, () => {
    for (const value of ["1", String(max)]) {
      assert.deepEqual(schema.parse({ [name]: value }), {
        [name]: Number(value),
      });
    }
    for (const value of ["0", String(max + 1), "", "1.5", "-1", "1e2"]) {
      assert.equal(accepts(schema, { [name]: value }), false, value);
    }
  });
}

Deno.test("a number has at most 12 digits", () => {
  const any = numeric(z.int());
  assert.equal(any.parse("9".repeat(12)), 999_999_999_999);
  assert.equal(accepts(any, "9".repeat(13)), false);
  assert.equal(any.parse(7), 7);
});

const STOP = { query: stopQuery, options: stopOptions };

Deno.test("a tunnel that does not wait has no time to wait", () => {
  assert.equal(accepts(STOP.query, { wait: "1", drain_timeout: "5" }), true);
  assert.equal(accepts(STOP.query, { drain_timeout: "5" }), true);
  assert.equal(accepts(STOP.query, { wait: "0" }), true);
  assert.equal(accepts(STOP.query, { wait: "0", drain_timeout: "5" }), false);
  assert.equal(
    accepts(STOP.query, { wait_for_jobs: "0", drain_timeout: "5" }),
    false,
  );
  const many = { metadata: "a=1", drain_timeout: "5" };
  assert.equal(accepts(stopManyQuery, many), true);
  assert.equal(accepts(stopManyQuery, { ...many, wait: "0" }), false);
});

Deno.test("wait and its other name do not contradict each other", () => {
  assert.equal(accepts(STOP.query, { wait: "1", wait_for_jobs: "true" }), true);
  const issues = STOP.query.safeParse({ wait: "1", wait_for_jobs: "0" }).error
    ?.issues.map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(issues, [
    "wait_for_jobs: contradicts wait, give one of them",
  ]);
});

Deno.test("a JSON body has the types of JSON", () => {
  const body = {
    reason: "a",
    wait: false,
    wait_for_jobs: true,
    drain_timeout: 1,
  };
  assert.deepEqual(STOP.options.parse(body), body);
  for (
    const wrong of [
      ...[{ reason: "" }, { wait: "1" }, { drain_timeout: "5" }],
      ...[{ drain_timeout: 0 }, { drain_timeout: 10_801 }, { odd: 1 }],
    ]
  ) {
    assert.equal(accepts(STOP.options, wrong), false, JSON.stringify(wrong));
  }
  assert.equal(accepts(STOP.options, { drain_timeout: 10_800 }), true);
  assert.equal(accepts(stopManyOptions, { metadata: "a=1" }), true);
  assert.equal(accepts(stopManyOptions, { metadata: "a" }), false);
  assert.equal(accepts(stopManyQuery, {}), false);
});

Deno.test("a reason has one character or more", () => {
  const many = { metadata: "a=1" };
  for (const [reason, isTaken] of [["x", true], ["", false]] as const) {
    assert.equal(accepts(STOP.query, { reason }), isTaken);
    assert.equal(accepts(STOP.options, { reason }), isTaken);
    assert.equal(accepts(stopManyQuery, { ...many, reason }), isTaken);
    assert.equal(accepts(stopManyOptions, { reason }), isTaken);
  }
});

Deno.test("the range of drain_timeout is the same in a body for many", () => {
  for (const [seconds, isTaken] of [[1, true], [10_800, true], [0, false]]) {
    const options = { drain_timeout: Number(seconds) };
    assert.equal(accepts(stopManyOptions, options), isTaken);
  }
});

Deno.test("a list is filtered by one of two words", () => {
  assert.equal(accepts(listQuery, { filter: "one_per_pool" }), true);
  assert.equal(accepts(listQuery, { filter: "v2alpha" }), true);
  assert.equal(accepts(listQuery, { filter: "odd" }), false);
});
