/** What the list shows: each filter, alone and together. */
import assert from "node:assert/strict";
import type { ProxyResponse } from "../../../src/http/exchange.ts";
import {
  type ExchangeFilter,
  exchangeMatcher,
  FILTER_METHODS,
  FILTER_STATUSES,
  leavesOutExchanges,
  queryOf,
  readExchangeFilter,
} from "../../../src/inspector/record/exchange_filter.ts";
import type { ExchangeRecord } from "../../../src/inspector/record/exchange_record.ts";
import { requestOf, responseOf } from "../../plugin/exchanges.ts";
import { Recorded } from "../recorded.ts";

const ALL: ExchangeFilter = { search: "", method: "all", status: "all" };

Deno.test("a filter is read from its query, and unknown values mean all", () => {
  const read = (query: string) =>
    readExchangeFilter(new URLSearchParams(query));

  assert.deepEqual(read(""), ALL);
  assert.deepEqual(read("q=&method=BREW&status=9xx"), ALL);
  assert.deepEqual(read("q=+a+b+&method=GET&status=cut"), {
    search: "a b",
    method: "GET",
    status: "cut",
  });
  assert.equal(read(`q=${"a".repeat(201)}`).search.length, 200);
  for (const method of FILTER_METHODS) {
    assert.equal(read(`method=${method}`).method, method);
  }
  for (const status of FILTER_STATUSES) {
    const filter: ExchangeFilter = { search: "a&b", method: "GET", status };
    assert.deepEqual(read(queryOf(filter)), filter);
  }
});

Deno.test("a filter leaves exchanges out when any part of it is set", () => {
  assert.equal(leavesOutExchanges(ALL), false);
  assert.equal(leavesOutExchanges({ ...ALL, search: "a" }), true);
  assert.equal(leavesOutExchanges({ ...ALL, method: "GET" }), true);
  assert.equal(leavesOutExchanges({ ...ALL, status: "2xx" }), true);
});

/** The record of a request that had this response. */
async function recordOf(
  response: ProxyResponse,
  { method = "GET", isWaiting = false } = {},
): Promise<ExchangeRecord> {
  const recorded = new Recorded(() => Promise.resolve(response));
  const request = requestOf("http://shop.test/cart?id=7", { method });
  if (isWaiting) await recorded.ask(request);
  else await recorded.exchange(request);
  return recorded.newest;
}

for (const status of [200, 299, 304, 404, 500]) {
  Deno.test(`a response with ${status} is in its class and in no other`, async () => {
    const record = await recordOf({ ...responseOf("a"), status });
    const shown = FILTER_STATUSES.filter((each) =>
      exchangeMatcher({ ...ALL, status: each })(record)
    );
    assert.deepEqual(shown, ["all", `${Math.floor(status / 100)}xx`]);
  });
}

Deno.test("an exchange that has not ended waits", async () => {
  const record = await recordOf(responseOf("a"), { isWaiting: true });
  const matches = (status: ExchangeFilter["status"]) =>
    exchangeMatcher({ ...ALL, status })(record);
  assert.deepEqual([matches("waiting"), matches("cut")], [true, false]);
});

Deno.test("an exchange has one method", async () => {
  const record = await recordOf(responseOf("a"), { method: "PUT" });
  const shown = FILTER_METHODS.filter((method) =>
    exchangeMatcher({ ...ALL, method })(record)
  );
  assert.deepEqual(shown, ["all", "PUT"]);
  const both: ExchangeFilter = { ...ALL, method: "PUT", status: "4xx" };
  assert.equal(exchangeMatcher(both)(record), false);
  assert.equal(
    exchangeMatcher({ ...ALL, method: "PUT", search: "nothing" })(record),
    false,
  );
});

Deno.test("all words are found in URL or content type, in any case and order", async () => {
  const response = responseOf("a");
  if (response.kind === "response") {
    response.fields.set("Content-Type", "text/css");
  }
  const record = await recordOf(response);
  const matches = (search: string) =>
    exchangeMatcher({ ...ALL, search })(record);
  for (const search of ["cart", "SHOP", "css  cart", "id=7"]) {
    assert.equal(matches(search), true, search);
  }
  for (const search of ["cart basket", "html"]) {
    assert.equal(matches(search), false, search);
  }
});
