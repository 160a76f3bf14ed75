import assert from "node:assert/strict";
import { byTurns } from "../../../src/net/address/address_order.ts";

for (
  const [given, expected] of [
    [[], []],
    [["10.0.0.1"], ["10.0.0.1"]],
    [["::1", "::2", "10.0.0.1"], ["::1", "10.0.0.1", "::2"]],
    [["10.0.0.1", "10.0.0.2", "::1"], ["10.0.0.1", "::1", "10.0.0.2"]],
    [["::1", "::2"], ["::1", "::2"]],
    [["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"], [
      "::1",
      "10.0.0.1",
      "::2",
      "10.0.0.2",
      "::3",
    ]],
  ] as const
) {
  Deno.test(`byTurns() of [${given}] is [${expected}]`, () => {
    assert.deepEqual(byTurns(given), expected);
  });
}
