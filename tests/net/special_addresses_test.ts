import assert from "node:assert/strict";
import {
  type AddressKind,
  addressKindOf,
  canonicalHost,
  innerIps,
  isPublicIp,
} from "../../src/net/address/address.ts";
import { createNameResolver } from "../../src/net/names/name_resolver.ts";
import { denyLocalAddresses } from "../../src/proxy/local_rules.ts";
import { createDirectProxy } from "../../src/server/proxy/direct_proxy.ts";
import { connect, contextOf } from "../proxy/requests.ts";

/** Every special range of IPv4 (IANA's registry) by its first and last address: neither is public. */
const IPV4: readonly (readonly [string, string, AddressKind])[] = [
  ["0.0.0.0", "0.255.255.255", "loopback"], // this host
  ["10.0.0.0", "10.255.255.255", "other"], // private
  ["100.64.0.0", "100.127.255.255", "other"], // shared
  ["127.0.0.0", "127.255.255.255", "loopback"],
  ["169.254.0.0", "169.254.255.255", "linkLocal"],
  ["172.16.0.0", "172.31.255.255", "other"], // private
  ["192.0.0.0", "192.0.0.255", "other"], // protocol assignments
  ["192.0.2.0", "192.0.2.255", "other"], // documentation
  ["192.88.99.0", "192.88.99.255", "other"], // relays of 6to4
  ["192.168.0.0", "192.168.255.255", "other"], // private
  ["198.18.0.0", "198.19.255.255", "other"], // benchmarks
  ["198.51.100.0", "198.51.100.255", "other"], // documentation
  ["203.0.113.0", "203.0.113.255", "other"], // documentation
  ["224.0.0.0", "239.255.255.255", "other"], // multicast
  ["240.0.0.0", "255.255.255.254", "other"], // reserved
  ["255.255.255.255", "255.255.255.255", "other"], // broadcast
];

/** The same of IPv6. */
const IPV6: readonly (readonly [string, string, AddressKind])[] = [
  ["::", "::1", "loopback"],
  ["100::", "100::ffff:ffff:ffff:ffff", "other"], // discard
  ["100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", "other"], // dummy
  ["200::", "3ff:ffff::", "other"], // returned (RFC 4048)
  ["2001:1::1", "2001:1::3", "other"], // anycast of protocols
  ["2001:2::", "2001:2:0:ffff::", "other"], // benchmarks
  ["2001:3::", "2001:3:ffff::", "other"], // AMT
  ["2001:4:112::", "2001:4:112:ffff::", "other"], // AS112
  ["2001:10::", "2001:1f:ffff::", "other"], // ORCHID
  ["2001:20::", "2001:2f:ffff::", "other"], // ORCHIDv2
  ["2001:30::", "2001:3f:ffff::", "other"], // drones
  ["2001:db8::", "2001:db8:ffff::", "other"], // documentation
  ["3fff::", "3fff:fff::", "other"], // documentation
  ["4000::", "5eff::", "other"], // not given out
  ["5f00::", "5f00:ffff::", "other"], // segment routing
  ["6000::", "fbff:ffff::", "other"], // not given out
  ["fc00::", "fdff:ffff::", "other"], // unique local
  ["fe80::", "febf:ffff::", "linkLocal"],
  ["fec0::", "feff:ffff::", "other"], // site-local
  ["ff00::", "ff0e::1", "other"], // multicast
];

for (const [first, last, kind] of [...IPV4, ...IPV6]) {
  Deno.test(`${first} to ${last} is not public, and ${kind}`, () => {
    for (const ip of [first, last]) {
      assert.equal(isPublicIp(ip), false, ip);
      assert.equal(addressKindOf(ip), kind, ip);
    }
  });
}

const PUBLIC = ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255"];
const PUBLIC6 = ["2000::1", "2606:4700::1111", "2a00::1", "3ffe::1"];

for (const ip of [...PUBLIC, ...PUBLIC6]) {
  Deno.test(`${ip} is public`, () => {
    assert.equal(isPublicIp(ip), true);
    assert.equal(addressKindOf(ip), "other");
  });
}

/** How IPv6 carries `a.b.c.d`, and whether that is public where the IPv4 address is. */
const FORMS: Readonly<
  Record<string, readonly [(hex: string, turned: string) => string, boolean]>
> = {
  "mapped": [(hex) => `::ffff:${hex}`, true],
  "compatible": [(hex) => `::${hex}`, false],
  "translated": [(hex) => `::ffff:0:${hex}`, false],
  "NAT64": [(hex) => `64:ff9b::${hex}`, true],
  "NAT64 of one network, /96": [(hex) => `64:ff9b:1::${hex}`, false],
  "NAT64 of one network, /48": [
    (hex) => {
      const [first = "", second = ""] = full(hex);
      return `64:ff9b:1:${first}:${second.slice(0, 2).padStart(4, "0")}:` +
        `${second.slice(2)}00::`;
    },
    false,
  ],
  "6to4": [(hex) => `2002:${hex}::1`, false],
  "Teredo": [(_, turned) => `2001:0:101:101:0:1234:${turned}`, false],
  "Teredo, its server": [(hex) => `2001:0:${hex}:0:1234:fefe:fefe`, false],
  "ISATAP": [(hex) => `2a00::5efe:${hex}`, true],
  "ISATAP of a global address": [(hex) => `2a00::200:5efe:${hex}`, true],
};

for (const [form, [write, canBePublic]] of Object.entries(FORMS)) {
  for (const [first, last, kind] of IPV4) {
    for (const ip of [first, last]) {
      const wrapped = write(hexOf(ip), hexOf(ip, 0xff));
      Deno.test(`${ip}, ${form}: ${wrapped}, is not public, and ${kind}`, () => {
        assert.equal(isPublicIp(wrapped), false);
        // Of a prefix whose length is not known, 0 tells nothing.
        const isVague = form.includes("of one network") && ip.startsWith("0.");
        if (kind !== "other" && !isVague) {
          assert.equal(addressKindOf(wrapped), kind);
        }
        if (wrapped !== "::0:0" && !isVague) {
          assert.ok(innerIps(wrapped).includes(ip));
        }
      });
    }
  }
  Deno.test(`1.1.1.1, ${form}, is ${canBePublic ? "public" : "not public"}`, () => {
    const wrapped = write(hexOf("1.1.1.1"), hexOf("1.1.1.1", 0xff));
    assert.equal(isPublicIp(wrapped), canBePublic);
  });
}

Deno.test("rules about an IPv4 address hold for its spellings in IPv6", () => {
  for (const form of ["mapped", "compatible", "translated", "NAT64"]) {
    const [write] = FORMS[form] ?? assert.fail();
    assert.equal(canonicalHost(write(hexOf("10.1.2.3"), "")), "10.1.2.3", form);
  }
});

/** What the client keeps from tests, and what it does not. */
for (const [form, [write]] of Object.entries(FORMS)) {
  Deno.test(`the client denies itself and secrets of clouds, ${form}`, async () => {
    const resolve = denyLocalAddresses(createNameResolver({}), {
      localhost: "deny",
      privateMetadata: false,
    });
    const { signal } = new AbortController();
    const asked = (ip: string) =>
      resolve(write(hexOf(ip), hexOf(ip, 0xff)), signal);

    for (const ip of ["127.0.0.1", "0.0.0.0", "127.9.9.9"]) {
      await assert.rejects(asked(ip), { code: "localhostDenied" }, ip);
    }
    for (
      const ip of ["169.254.169.254", "100.100.100.200", "168.63.129.16"]
    ) {
      await assert.rejects(asked(ip), { code: "addressDenied" }, ip);
    }
    assert.ok(await asked("10.1.2.3"));
  });
}

Deno.test("the server reaches no special address itself", async () => {
  await using proxy = createDirectProxy({ mode: "public" });
  const wrapped = IPV4.flatMap(([ip]) =>
    Object.values(FORMS).map(([write]) => write(hexOf(ip), hexOf(ip, 0xff)))
  );
  const special = [...IPV4, ...IPV6].flatMap(([first, last]) => [first, last]);

  for (const ip of [...special, ...wrapped]) {
    const authority = ip.includes(":") ? `[${ip}]:443` : `${ip}:443`;
    await assert.rejects(
      proxy.roundTrip(connect(authority), contextOf()),
      { name: "ProxyError", status: 403, reason: /^denied_/ },
      ip,
    );
  }
});

/** The last two groups of IPv6: `7f00:1`. */
function hexOf(ip: string, mask = 0): string {
  const [a = 0, b = 0, c = 0, d = 0] = ip.split(".").map((byte) =>
    Number(byte) ^ mask
  );
  return [a * 256 + b, c * 256 + d].map((each) => each.toString(16)).join(":");
}

/** Both groups with all four digits. */
function full(hex: string): readonly string[] {
  return hex.split(":").map((each) => each.padStart(4, "0"));
}
