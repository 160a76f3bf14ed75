/** @module */
import assert from "node:assert/strict";
import {
  addressKindOf,
  canonicalHost,
  canonicalIp,
  formatAddress,
  innerIps,
  ipBytes,
  isIpAddress,
  isLocalhostName,
  isLoopbackOnly,
  isPublicIp,
  parseAddress,
  reachableAddress,
  spelledOutIp,
} from "../../../src/net/address/address.ts";

Deno.test("parseAddress() reads names, IPv4 and IPv6 with a port", () => {
  assert.deepEqual(parseAddress("a.test:80"), { hostname: "a.test", port: 80 });
  assert.deepEqual(parseAddress("10.0.0.1:0"), {
    hostname: "10.0.0.1",
    port: 0,
  });
  assert.deepEqual(parseAddress("[::1]:65535"), {
    hostname: "::1",
    port: 65_535,
  });
  assert.deepEqual(parseAddress("[fe80::1%eth0]:80"), {
    hostname: "fe80::1%eth0",
    port: 80,
  });
  assert.deepEqual(parseAddress(":8080"), { hostname: "", port: 8080 });
});

Deno.test("parseAddress() takes the default port where the text has none", () => {
  assert.equal(parseAddress("a.test", 443).port, 443);
  assert.equal(parseAddress("a.test:", 443).port, 443);
  assert.equal(parseAddress("a.test:80", 443).port, 80);
  assert.deepEqual(parseAddress("[::1]", 443), { hostname: "::1", port: 443 });
});

Deno.test("parseAddress() says why it cannot read a text", () => {
  const reasons: readonly (readonly [text: string, reason: RegExp])[] = [
    ["a.test", /Cannot read "a.test": it has no port$/],
    ["[::1]", /it has no port/],
    ["a.test:65536", /the port is not a number from 0 to 65535/],
    ["a.test:http", /the port is not a number/],
    ["a.test:-1", /the port is not a number/],
    ["a.test:+1", /the port is not a number/],
    ["a.test: 1", /the port is not a number/],
    ["a.test:1\n", /the port is not a number/],
    ["::1", /write IPv6 in brackets, \[::1\]/],
    ["::1:80", /write IPv6 in brackets/],
    ["[::1]80", /write IPv6 in brackets/],
    ["[a.test]:80", /only IPv6 stands in brackets/],
    ["[127.0.0.1]:80", /only IPv6 stands in brackets/],
    ["[]:80", /only IPv6 stands in brackets/],
  ];
  for (const [text, message] of reasons) {
    assert.throws(() => parseAddress(text), { name: "SyntaxError", message });
  }
});

Deno.test("formatAddress() writes what parseAddress() reads", () => {
  for (const text of ["a.test:80", "127.0.0.1:0", "[::1]:443"]) {
    assert.equal(formatAddress(parseAddress(text)), text);
  }
});

Deno.test("isIpAddress() takes IPv6 and four decimal numbers, and no older spelling", () => {
  const addresses = ["127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"];
  const others = [
    ...["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1"],
    ...["127.0.0.01", "256.1.1.1", "1.2.3", "1::2::3", "[::1]", "a.test"],
    ...["127.0.0.1 ", "127.0.0.1\n", ""],
  ];

  assert.deepEqual(addresses.filter((text) => !isIpAddress(text)), []);
  assert.deepEqual(others.filter(isIpAddress), []);
});

Deno.test("kindOf() sees loopback in every spelling of an address", () => {
  const spellings = [
    ...["127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"],
    ...["::1", "0:0:0:0:0:0:0:1", "::", "::1%lo"],
    ...["::ffff:127.0.0.1", "::FFFF:7f00:1", "::ffff:0.0.0.0", "::127.0.0.1"],
    ...["64:ff9b::127.0.0.1", "64:ff9b::7f00:1"],
  ];
  for (const ip of spellings) assert.equal(addressKindOf(ip), "loopback", ip);
});

Deno.test("kindOf() sees link-local addresses, with and without a zone", () => {
  const spellings = [
    ...["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"],
    ...["fe80::1", "fe80::1%eth0", "FEBF::1"],
  ];
  for (const ip of spellings) assert.equal(addressKindOf(ip), "linkLocal", ip);
});

Deno.test("kindOf() has nothing to say about other addresses and names", () => {
  const others = [
    ...["10.0.0.1", "192.168.1.1", "8.8.8.8", "fd00::1", "2001:db8::1"],
    ...["64:ff9b::808:808", "localhost", "127.1", ""],
  ];
  for (const ip of others) assert.equal(addressKindOf(ip), "other", ip);
});

Deno.test("canonicalIp() writes every spelling of an address in one way", () => {
  const spellings = [
    ["fd00:ec2::254", "FD00:EC2::254", "fd00:ec2:0:0:0:0:0:254"],
    ["100.100.100.200", "::ffff:100.100.100.200", "::FFFF:6464:64c8"],
    ["100.100.100.200", "64:ff9b::100.100.100.200"],
    ["fe80::1", "fe80::1%eth0", "fe80:0::1"],
    ["a.test", "a.test"],
  ];
  for (const [expected, ...others] of spellings) {
    for (const ip of others) assert.equal(canonicalIp(ip), expected);
  }
});

Deno.test("spelledOutIp() reads the other spellings of IPv4, and leaves all else", () => {
  for (
    const host of [
      ...["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1."],
      "127.0.0.1",
    ]
  ) {
    assert.equal(spelledOutIp(host), "127.0.0.1", host);
  }
  for (
    const host of [
      "shop.test",
      "1.test",
      "256.1.1.1",
      "::1",
      "a b",
      "user@127.1",
    ]
  ) {
    assert.equal(spelledOutIp(host), host);
  }
});

Deno.test("isLocalhostName() knows localhost and what is below it", () => {
  const local = [
    "localhost",
    "LocalHost",
    "localhost.",
    "a.localhost",
    "a.b.LOCALHOST.",
  ];
  const others = [
    "localhost.test",
    "mylocalhost",
    "127.0.0.1",
    "",
    ".",
    "local",
  ];

  assert.deepEqual(local.filter((name) => !isLocalhostName(name)), []);
  assert.deepEqual(others.filter(isLocalhostName), []);
});

Deno.test.each([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
  ["10.0.0.1", "10.0.0.1"],
  ["lab.example", "lab.example"],
])("reachableAddress() of %s is %s", (listened, dialled) => {
  assert.deepEqual(reachableAddress({ hostname: listened, port: 8080 }), {
    hostname: dialled,
    port: 8080,
  });
});

Deno.test("isLoopbackOnly() knows listeners that only this machine reaches", () => {
  const own = ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost"];
  const others = ["0.0.0.0", "::", "10.0.0.1", "fe80::1", "lab.test"];
  const isOwn = (hostname: string) => isLoopbackOnly({ hostname, port: 80 });

  assert.deepEqual(own.filter((hostname) => !isOwn(hostname)), []);
  assert.deepEqual(others.filter(isOwn), []);
});

Deno.test("isPublicIp() knows the public internet, also where IPv6 stands for IPv4", () => {
  const open = [
    ...["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"],
    "64:ff9b::8.8.8.8",
  ];
  const others = [
    ...["10.0.0.1", "127.0.0.1", "169.254.1.1", "192.0.2.1", "0.0.0.0"],
    ...["::", "::1", "fe80::1", "fd00::1", "2001:db8::1", "ff02::1"],
    ...["::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "::808:808", "2002:808:808::1"],
    ...["a.test", "", "127.1"],
  ];

  assert.deepEqual(open.filter((ip) => !isPublicIp(ip)), []);
  assert.deepEqual(others.filter(isPublicIp), []);
});

Deno.test("innerIps() gives an address and the one that it carries", () => {
  assert.deepEqual(innerIps("FD00::1"), ["fd00::1"]);
  assert.deepEqual(innerIps("a.test"), ["a.test"]);
  assert.deepEqual(new Set(innerIps("::ffff:10.0.0.1")), new Set(["10.0.0.1"]));
  assert.deepEqual(innerIps("2002:a00:1::1"), ["2002:a00:1::1", "10.0.0.1"]);
});

Deno.test("ipBytes() gives the bytes of an address, and of nothing else", () => {
  assert.deepEqual(ipBytes("10.0.0.1"), [10, 0, 0, 1]);
  assert.deepEqual(ipBytes("::1"), [...new Array(15).fill(0), 1]);
  for (const text of ["127.1", "a.test", ""]) {
    assert.equal(ipBytes(text), undefined, text);
  }
});

Deno.test.each([
  ["Shop.TEST.", "shop.test"],
  ["0x7f.1", "127.0.0.1"],
  ["::FFFF:10.0.0.1", "10.0.0.1"],
  ["FD00:0::1", "fd00::1"],
])("canonicalHost() writes %s as %s", (host, expected) => {
  assert.equal(canonicalHost(host), expected);
});
