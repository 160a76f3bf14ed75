import assert from "node:assert/strict";
import fc from "fast-check";
import { Fields } from "../../src/http/fields.ts";
import {
  type Forwarding,
  readForwarding,
  removeForwarding,
} from "../../src/http/forwarding.ts";
import type { ForwardingFields } from "../../src/net/listen/trusted_proxies.ts";
import { AddressRanges } from "../../src/net/address/address_ranges.ts";

const ADDRESSES = new AddressRanges(["10.0.0.0/8", "fd00::/8"]);

function read(
  flat: readonly string[],
  fields: ForwardingFields = "x-forwarded",
  peer = "10.0.0.1",
): Forwarding | undefined {
  return readForwarding(new Fields([...flat]), peer, {
    addresses: ADDRESSES,
    forwardingFields: fields,
  });
}

for (
  const [what, list, client] of [
    ["one client", "192.0.2.7", "192.0.2.7"],
    ["a forged part on the left", "203.0.113.9, 192.0.2.7", "192.0.2.7"],
    ["a second proxy", "203.0.113.9, 192.0.2.7, 10.2.3.4", "192.0.2.7"],
    ["only proxies", "10.9.9.9, 10.2.3.4", "10.9.9.9"],
    ["IPv6", "2001:DB8::7", "2001:db8::7"],
    ["IPv6 in brackets with a port", "[2001:db8::7]:4711", "2001:db8::7"],
    ["IPv4 with a port", "192.0.2.7:4711", "192.0.2.7"],
    ["IPv4 inside IPv6", "::ffff:192.0.2.7", "192.0.2.7"],
    ["spaces and empty members", " 203.0.113.9 ,, 192.0.2.7 ,", "192.0.2.7"],
    ["no address", "unknown", "10.0.0.1"],
    ["no address behind a proxy", "192.0.2.7, x, 10.2.3.4", "10.2.3.4"],
    ["a short address", "192.0.2.7, 127.1", "10.0.0.1"],
    ["a zone", "fe80::1%eth0", "10.0.0.1"],
    ["nothing", "", "10.0.0.1"],
    ["an injected line", "192.0.2.7\r\nx", "10.0.0.1"],
  ] as const
) {
  Deno.test(`readForwarding() finds the client in X-Forwarded-For: ${what}`, () => {
    assert.equal(read(["X-Forwarded-For", list])?.client, client);
  });
}

for (
  const [what, list, client, scheme, host] of [
    [
      "all parts",
      "for=192.0.2.7;proto=https;host=lab.example;by=10.0.0.1",
      ...["192.0.2.7", "https", "lab.example"] as const,
    ],
    [
      "quotes and capitals",
      'For="[2001:db8::7]:4711"; Proto=HTTPS; Host="lab.example:8443"',
      ...["2001:db8::7", "https", "lab.example:8443"] as const,
    ],
    [
      "a forged element",
      'for=203.0.113.9;host=evil.example, for="192.0.2.7";proto=https',
      ...["192.0.2.7", "https", undefined] as const,
    ],
    [
      "an element that hides in quotes",
      'for=203.0.113.9;x="a, for=10.1.1.1", for=192.0.2.7',
      ...["192.0.2.7", undefined, undefined] as const,
    ],
    [
      "a hidden client",
      "for=203.0.113.9, for=_hidden;proto=https",
      ...["10.0.0.1", "https", undefined] as const,
    ],
    [
      "a name that stands twice",
      "for=203.0.113.9;for=192.0.2.7",
      ...["10.0.0.1", undefined, undefined] as const,
    ],
    ["an open quote", 'for="192.0.2.7', "10.0.0.1", undefined, undefined],
  ] as const
) {
  Deno.test(`readForwarding() reads Forwarded: ${what}`, () => {
    assert.deepEqual(read(["Forwarded", list], "forwarded"), {
      ...{ client, scheme, host },
    });
  });
}

Deno.test("readForwarding() believes nobody who is not trusted", () => {
  const flat = ["X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https"];

  assert.equal(read(flat, "x-forwarded", "192.0.2.7"), undefined);
  assert.equal(read(flat, "x-forwarded", ""), undefined);
});

Deno.test("readForwarding() reads only the fields that the proxies write", () => {
  const flat = [
    ...["Forwarded", "for=203.0.113.1;proto=http;host=one.example"],
    ...["X-Forwarded-For", "203.0.113.2", "X-Forwarded-Host", "two.example"],
  ];

  assert.equal(read(flat)?.client, "203.0.113.2");
  assert.equal(read(flat)?.scheme, undefined);
  assert.equal(read(flat, "forwarded")?.host, "one.example");
});

for (
  const [what, schemes, scheme] of [
    ["one for the chain", "https", "https"],
    ["one of each proxy", "https, http", "https"],
    ["a forged one on the left", "ftp, https, http", "https"],
    ["no scheme that we know", "wss", undefined],
  ] as const
) {
  Deno.test(`readForwarding() takes the scheme of the client's hop: ${what}`, () => {
    const clients = "203.0.113.9, 192.0.2.7, 10.2.3.4";
    const flat = ["X-Forwarded-For", clients, "X-Forwarded-Proto", schemes];

    assert.equal(read(flat)?.scheme, scheme);
  });
}

for (
  const [host, isTaken] of [
    ["lab.example", true],
    ["lab.example:8443", true],
    ["[2001:db8::1]:443", true],
    ["lab.example/path", false],
    ["user@lab.example", false],
    ["lab.example:99999999", false],
    ["", false],
  ] as const
) {
  Deno.test(`readForwarding() ${isTaken ? "takes" : "ignores"} the host "${host}"`, () => {
    const flat = ["X-Forwarded-For", "192.0.2.7", "X-Forwarded-Host", host];

    assert.equal(read(flat)?.host, isTaken ? host : undefined);
  });
}

Deno.test("readForwarding() reads the last 32 hops of a list", () => {
  const proxies = Array.from({ length: 40 }, (_, at) => `10.1.1.${at}`);
  const flat = ["X-Forwarded-For", ["192.0.2.7", ...proxies].join(", ")];

  assert.equal(read(flat)?.client, "10.1.1.8");
});

Deno.test("readForwarding(): no left part changes who the client is", () => {
  const anything = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: fc.constantFrom('"', "\\", ",", ";", "=", "a") }),
  );
  fc.assert(
    fc.property(anything, (forged) => {
      const list = `${forged}, 192.0.2.7`;
      assert.equal(read(["X-Forwarded-For", list])?.client, "192.0.2.7");
      const element = `${forged}, for=192.0.2.7`;
      const found = read(["Forwarded", element], "forwarded");
      assert.equal(found?.client, "192.0.2.7");
    }),
  );
});

Deno.test("removeForwarding() removes every such field and no other", () => {
  const fields = new Fields([
    ...["Host", "a.test", "X-Forwarded-For", "1", "x-forwarded-for", "2"],
    ...["FORWARDED", "for=1", "X-Real-IP", "3", "X-Forwarded-Ssl", "on"],
    ...["X-Forward", "kept", "Via", "1.1 a"],
  ]);

  removeForwarding(fields);

  assert.deepEqual(fields.flat, [
    ...["Host", "a.test", "X-Forward", "kept", "Via", "1.1 a"],
  ]);
});
