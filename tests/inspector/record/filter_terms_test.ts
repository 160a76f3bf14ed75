/** @module */
import assert from "node:assert/strict";
import { ExchangeRecord } from "../../../src/inspector/record/exchange_record.ts";
import { readSearch } from "../../../src/inspector/record/filter_terms.ts";
import { requestOf, responseOf } from "../../plugin/exchanges.ts";

/** A POST of the job "Checkout-7" to shop.test:8080, which a plugin answers. */
function recorded(status: number | "none"): ExchangeRecord {
  const record = new ExchangeRecord(
    requestOf("http://shop.test:8080/cart", { method: "POST" }),
    { id: "1", startedAt: 0, sender: { user: "ann", job: "Checkout-7" } },
  );
  if (status === "none") return record;
  const response = { ...responseOf("a"), status };
  record.setResponse(response);
  record.watch.redirected("Mock", "resolve", "a", "b");
  record.setEnd("whole");
  return record;
}

function passes(text: string, status: number | "none" = 503): boolean {
  const { tests, problems } = readSearch(text);
  assert.deepEqual(problems, [], text);
  const record = recorded(status);
  return tests.every((test) => test(record));
}

Deno.test("terms and words must all match, in any case and order", () => {
  for (
    const text of [
      ...["", "  ", "status:5xx", "status:503", "STATUS:5XX"],
      ...["host:shop", "host:test:8080", "method:post", "method:POST"],
      ...["plugin:mock", "job:checkout", "-status:2xx", "-host:cdn"],
      "cart status:5xx host:shop method:POST plugin:mock job:7",
      // Words, because there is something else behind the colon.
      ...["http://shop.test:8080/cart", "test:8080"],
    ]
  ) assert.equal(passes(text), true, text);
  for (
    const text of [
      ...["status:4xx", "status:500", "status:cut", "status:waiting"],
      ...["host:cart", "method:get", "method:pos", "plugin:other", "job:8"],
      ...["-status:5xx", "-job:checkout", "localhost:8080", "cart status:4xx"],
    ]
  ) assert.equal(passes(text), false, text);
  assert.equal(passes("status:waiting", "none"), true);
  assert.equal(passes("status:5xx", "none"), false);
});

Deno.test("a term that is wrong says what, and leaves nothing out", () => {
  for (
    const [text, problem] of [
      [
        "stauts:5xx",
        '"stauts:" is not a filter: use status, host, method, plugin, job',
      ],
      [
        "status:abc",
        '"status:abc" is not a status: use 404, 5xx, waiting or cut',
      ],
      ["status:6xx", /not a status/],
      ["status:50", /not a status/],
      ["-status:oops", /not a status/],
      ["host:", '"host:" has no value, as in "host:shop"'],
      ["tostring:x", /is not a filter/],
      ["constructor:x", /is not a filter/],
    ] as const
  ) {
    const { tests, problems } = readSearch(`${text} host:shop`);
    const [found = "", ...rest] = problems;
    if (typeof problem === "string") assert.equal(found, problem);
    else assert.match(found, problem);
    assert.deepEqual([rest, tests.length], [[], 1]);
  }
});
