/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  MAX_V1,
  MAX_V2,
  parseProxyHeader,
  ProxyHeaderError,
} from "../../../src/net/listen/proxy_header.ts";
import {
  headerV1,
  headerV2,
  join,
  latin1,
  TCP4,
  TCP6,
} from "./proxy_headers.ts";

const HTTP = latin1("GET / HTTP/1.1\r\n");

for (
  const [what, bytes, source] of [
    ["version 1, IPv4", headerV1(), "192.0.2.7"],
    [
      "version 1, IPv6",
      headerV1("TCP6 2001:db8::7 2001:db8::1 4711 443"),
      "2001:db8::7",
    ],
    [
      "version 1, IPv4 inside IPv6",
      headerV1("TCP6 ::ffff:192.0.2.7 ::1 4711 443"),
      "192.0.2.7",
    ],
    [
      "version 1 at its longest",
      headerV1(
        "TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff " +
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 4711 65535",
      ),
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ],
    ["version 2, IPv4", headerV2(), "192.0.2.7"],
    [
      "version 2, IPv6",
      headerV2({ family: 0x21, content: TCP6 }),
      "2001:db8::7",
    ],
    [
      "version 2 with TLS in an addition",
      headerV2({
        content: join(TCP4, latin1("\x20\0\x0f\x01\0\0\0\0\x21\0\x07TLSv1.3")),
      }),
      "192.0.2.7",
    ],
    [
      "version 2 at its longest",
      headerV2({ content: join(TCP4, new Uint8Array(MAX_V2 - 28)) }),
      "192.0.2.7",
    ],
  ] as const
) {
  Deno.test(`parseProxyHeader() reads ${what}`, () => {
    const found = parseProxyHeader(join(bytes, HTTP));

    assert.deepEqual(found, {
      source: { hostname: source, port: 4711 },
      size: bytes.length,
    });
  });
}

for (
  const [what, bytes] of [
    ["UNKNOWN", headerV1("UNKNOWN")],
    ["UNKNOWN with addresses", headerV1("UNKNOWN ffff::1 ffff::2 1 2")],
    ["LOCAL", headerV2({ command: 0x20, family: 0, content: latin1("") })],
    ["LOCAL with addresses", headerV2({ command: 0x20 })],
    [
      "LOCAL of a family that nobody knows",
      headerV2({ command: 0x20, family: 0xff }),
    ],
    ["UNSPEC", headerV2({ family: 0x00 })],
    [
      "a Unix socket",
      headerV2({ family: 0x31, content: new Uint8Array(216) }),
    ],
  ] as const
) {
  Deno.test(`parseProxyHeader() gives no address for ${what}`, () => {
    assert.deepEqual(parseProxyHeader(bytes), {
      source: undefined,
      size: bytes.length,
    });
  });
}

for (
  const [what, bytes, why] of [
    ["another family", headerV1("UDP4 192.0.2.7 192.0.2.8 1 2"), /TCP4/],
    ["no family", headerV1(""), /TCP4/],
    ["a family in small letters", headerV1("tcp4 1.2.3.4 1.2.3.4 1 2"), /TCP4/],
    ["two spaces", headerV1("TCP4  192.0.2.7 192.0.2.8 1 2"), /two addresses/],
    ["a space at its end", headerV1("TCP4 1.2.3.4 1.2.3.4 1 2 "), /two addr/],
    ["a name for an address", headerV1("TCP4 localhost 1.2.3.4 1 2"), /TCP4/],
    ["a short IPv4 address", headerV1("TCP4 127.1 1.2.3.4 1 2"), /TCP4/],
    ["an octal address", headerV1("TCP4 010.1.1.1 1.2.3.4 1 2"), /TCP4/],
    ["IPv6 under TCP4", headerV1("TCP4 ::1 ::1 1 2"), /TCP4/],
    ["IPv4 under TCP6", headerV1("TCP6 1.2.3.4 1.2.3.4 1 2"), /TCP6/],
    ["a zone", headerV1("TCP6 fe80::1%eth0 ::1 1 2"), /TCP6/],
    ["a port above all", headerV1("TCP4 1.2.3.4 1.2.3.4 65536 2"), /port/],
    ["a port with a zero first", headerV1("TCP4 1.2.3.4 1.2.3.4 01 2"), /port/],
    ["a port with a sign", headerV1("TCP4 1.2.3.4 1.2.3.4 1 -2"), /port/],
    ["no CR", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"), /CR/],
    ["no end", latin1(`PROXY ${"x".repeat(MAX_V1)}`), /end/],
    ["version 3", headerV2({ command: 0x31 }), /version/],
    ["an unknown command", headerV2({ command: 0x22 }), /command/],
    ["UDP", headerV2({ family: 0x12 }), /not TCP/],
    ["an unknown family", headerV2({ family: 0x41 }), /not TCP/],
    ["a length for less than IPv4", headerV2({ length: 11 }), /cut short/],
    [
      "a length for less than IPv6",
      headerV2({ family: 0x21, length: 35 }),
      /cut short/,
    ],
    ["too long a length", headerV2({ length: MAX_V2 - 15 }), /more than/],
    [
      "too long a length of LOCAL",
      headerV2({ command: 0x20, length: 0xffff }),
      /more than/,
    ],
  ] as const
) {
  Deno.test(`parseProxyHeader() refuses ${what}`, () => {
    assert.throws(
      () => parseProxyHeader(bytes),
      (error: unknown) =>
        error instanceof ProxyHeaderError && why.test(error.message),
    );
  });
}

Deno.test("parseProxyHeader() waits for the rest of a header, wherever it is cut", () => {
  for (const header of [headerV1(), headerV2()]) {
    for (let size = 0; size < header.length; size++) {
      assert.equal(parseProxyHeader(header.subarray(0, size)), "incomplete");
    }
  }
});

for (
  const [what, bytes] of [
    ["a request", HTTP],
    ["a TLS record", Uint8Array.of(22, 3, 1, 0, 5)],
    ["SOCKS", Uint8Array.of(5, 1, 0)],
    ["a method that begins like it", latin1("PROPFIND / HTTP/1.1\r\n")],
    ["empty lines before a request", latin1("\r\n\r\nGET / HTTP/1.1\r\n")],
  ] as const
) {
  Deno.test(`parseProxyHeader() sees no header in ${what}`, () => {
    assert.equal(parseProxyHeader(bytes), "none");
  });
}

Deno.test("parseProxyHeader() gives what was written, of any address and port", () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const anyAddress = fc.oneof(
    fc.ipV4().map((ip) => ["TCP4", ip] as const),
    fc.ipV6().map((ip) => ["TCP6", ip] as const),
  );
  fc.assert(
    fc.property(anyAddress, port, port, ([family, ip], one, other) => {
      const line = `${family} ${ip} ${ip} ${one} ${other}`;
      const header = headerV1(line);
      // Its longest form is longer than the protocol allows.
      if (header.length > MAX_V1) return;
      const found = parseProxyHeader(header);
      assert.ok(typeof found === "object");
      assert.equal(found.source?.port, one);
      assert.equal(found.size, header.length);
    }),
  );
});

Deno.test("parseProxyHeader() throws nothing else, and is never past its bytes", () => {
  const start = fc.constantFrom(
    ...[latin1("PROXY "), latin1("PROXY TCP4 "), headerV2().subarray(0, 12)],
    ...[headerV2().subarray(0, 14), latin1("")],
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 300 }), (begin, rest) => {
      const bytes = join(begin, rest);
      try {
        const found = parseProxyHeader(bytes);
        if (typeof found === "string") return;
        assert.ok(found.size <= bytes.length);
      } catch (error) {
        assert.ok(error instanceof ProxyHeaderError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});
