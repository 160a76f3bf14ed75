/** @module */
import assert from "node:assert/strict";
import {
  AddressRanges,
  isAddressRange,
} from "../../../src/net/address/address_ranges.ts";

const ranges = new AddressRanges(["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"]);

Deno.test.each(
  ["10.1.0.0", "10.1.255.255", "192.0.2.7", "2001:db8::1", "::ffff:10.1.2.3"],
)("AddressRanges has %s", (ip) => {
  assert.equal(ranges.has(ip), true);
});

Deno.test.each(
  ["10.2.0.0", "192.0.2.8", "2001:db9::1", "::1", "lab.test", "", "10.1"],
)("AddressRanges has no %s", (ip) => {
  assert.equal(ranges.has(ip), false);
});

Deno.test("isAddressRange() knows what is one", () => {
  for (const text of ["0.0.0.0/0", "::/0", "::1", "10.0.0.1/32"]) {
    assert.equal(isAddressRange(text), true, text);
  }
  for (
    const text of ["", "10.0.0.0/33", "10/8", "lab.test", "10.0.0.0/", "1/2/3"]
  ) {
    assert.equal(isAddressRange(text), false, text);
  }
});
