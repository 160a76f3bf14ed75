/** IPv4 addresses in IPv6 addresses, form by form and at the ends of each prefix. */
import assert from "node:assert/strict";
import {
  carriedBy,
  type Ip,
  isGlobal,
  isIpv4InIpv6,
  isUnicast,
  isWellKnownNat64,
  lastFour,
  parsedIp,
} from "../../../src/net/address/carried_ipv4.ts";

/** Address → the IPv4 addresses in it, and whether it is another spelling of the last. */
const CARRIED: readonly (readonly [string, readonly string[], boolean])[] = [
  ["192.0.2.1", [], false],
  ["::ffff:192.0.2.1", ["192.0.2.1"], true],
  ["::fffe:192.0.2.1", [], false],
  ["::192.0.2.1", ["192.0.2.1"], true],
  ["::1:c000:201", [], false],
  ["::", [], false],
  ["::1", [], false],
  ["::2", ["0.0.0.2"], true],
  ["::ffff:0:192.0.2.1", ["192.0.2.1"], true],
  ["::ffff:1:c000:201", [], false],
  ["64:ff9b::192.0.2.1", ["192.0.2.1"], true],
  ["64:ff9b::1:c000:201", [], false],
  ["64:ff9b:1:c000:2:100::", ["192.0.2.1", "2.1.0.0"], false],
  ["64:ff9b:1:c0:0:201::", ["192.0.2.1"], false],
  ["64:ff9b:1:0:c0:2:100:0", ["192.0.2.1", "1.0.0.0"], false],
  ["64:ff9b:1::192.0.2.1", ["192.0.2.1"], false],
  ["64:ff9b:1::", ["0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"], false],
  ["64:ff9b:2:c000:2:100::", [], false],
  ["2002:c000:201::", ["192.0.2.1"], false],
  ["2003:c000:201::", [], false],
  ["2001:0:c000:201::3fff:fdfd", ["192.0.2.1", "192.0.2.2"], false],
  ["2001:1:c000:201::3fff:fdfd", [], false],
  ["fe80::5efe:192.0.2.1", ["192.0.2.1"], false],
  ["fe80::200:5efe:192.0.2.1", ["192.0.2.1"], false],
  ["fe80::100:5efe:192.0.2.1", [], false],
  ["fe80::201:5efe:192.0.2.1", [], false],
  ["fe80::5eff:192.0.2.1", [], false],
  ["2606:4700::1", [], false],
];

for (const [text, carried, isIpv4] of CARRIED) {
  Deno.test(`carriedBy() finds ${carried.join(", ") || "nothing"} in ${text}`, () => {
    assert.deepEqual(carriedBy(ip(text)).map(String), carried);
    assert.equal(isIpv4InIpv6(ip(text)), isIpv4);
  });
}

Deno.test("isWellKnownNat64() is for the prefix that every gateway has", () => {
  assert.equal(isWellKnownNat64(ip("64:ff9b::192.0.2.1")), true);
  assert.equal(isWellKnownNat64(ip("64:ff9b:1::192.0.2.1")), false);
  assert.equal(isWellKnownNat64(ip("::ffff:192.0.2.1")), false);
  assert.equal(isWellKnownNat64(ip("192.0.2.1")), false);
});

Deno.test("isGlobal() is for all of IPv4, and 2000:: to 3fff:…", () => {
  for (const text of ["192.0.2.1", "2000::", "3fff:ffff::1"]) {
    assert.equal(isGlobal(ip(text)), true, text);
  }
  for (const text of ["1fff::", "4000::", "::1"]) {
    assert.equal(isGlobal(ip(text)), false, text);
  }
});

Deno.test("isUnicast() leaves special ranges out", () => {
  assert.equal(isUnicast(ip("8.8.8.8")), true);
  assert.equal(isUnicast(ip("2606:4700::1")), true);
  assert.equal(isUnicast(ip("10.0.0.1")), false);
  assert.equal(isUnicast(ip("ff02::1")), false);
});

Deno.test("lastFour() is the end of an address", () => {
  assert.equal(String(lastFour(ip("2606::102:304"))), "1.2.3.4");
  assert.equal(String(lastFour(ip("1.2.3.4"))), "1.2.3.4");
});

Deno.test("parsedIp() leaves out a zone, and takes no name or short form", () => {
  assert.equal(String(parsedIp("fe80::1%eth0")), "fe80::1");
  assert.equal(String(parsedIp("10.0.0.1")), "10.0.0.1");
  for (const text of ["", "shop.test", "10.1", "0x7f000001", "[::1]", "::g"]) {
    assert.equal(parsedIp(text), undefined, text);
  }
});

function ip(text: string): Ip {
  const parsed = parsedIp(text);
  assert.ok(parsed, text);
  return parsed;
}
