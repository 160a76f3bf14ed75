import assert from "node:assert/strict";
import { networkOf } from "../../../src/net/address/network_of.ts";

for (
  const [address, network] of [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::9", "2001:db8:1:2"],
    ["", ""],
  ] as const
) {
  Deno.test(`networkOf("${address}") is "${network}"`, () => {
    assert.equal(networkOf(address), network);
  });
}
