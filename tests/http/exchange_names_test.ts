/** @module */
import assert from "node:assert/strict";
import { exchangeIdOf, nameExchange } from "../../src/http/exchange_names.ts";

Deno.test("exchangeIdOf() knows the exchanges that were named, by their signals", () => {
  const { signal } = new AbortController();
  const stranger = new AbortController().signal;

  nameExchange({ id: "1-abc", signal });

  assert.equal(exchangeIdOf(signal), "1-abc");
  assert.equal(exchangeIdOf(stranger), undefined);
});
