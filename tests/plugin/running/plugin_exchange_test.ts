import assert from "node:assert/strict";
import { PluginExchange } from "../../../src/plugin/running/plugin_exchange.ts";

Deno.test("what is kept for an exchange is forgotten once, at its end or after it", () => {
  const seen: string[] = [];
  const exchange = new PluginExchange();
  exchange.state = { at: 1 };

  exchange.atEnd(() => seen.push("at the end"));
  assert.equal(seen.length, 0);
  exchange[Symbol.dispose]();
  exchange[Symbol.dispose]();
  exchange.atEnd(() => seen.push("late"));

  assert.deepEqual(seen, ["at the end", "late"]);
  assert.equal(exchange.state, undefined);
});
