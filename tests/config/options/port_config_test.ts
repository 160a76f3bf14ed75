/** The range of dedicated ports, and who may use them. */
import assert from "node:assert/strict";
import { PORT_FIELDS } from "../../../src/config/options/port_config.ts";

const { proxyPortRange: range, proxyPortAllow: allow } = PORT_FIELDS;

/** Text → its range. */
const RANGES = [
  ["1-1", { first: 1, last: 1 }],
  ["65535-65535", { first: 65_535, last: 65_535 }],
  ["21000-21099", { first: 21_000, last: 21_099 }],
  // 10,000 ports.
  ["20000-29999", { first: 20_000, last: 29_999 }],
] as const;

for (const [text, value] of RANGES) {
  Deno.test(`--proxy-port-range takes ${text}, and says it again`, () => {
    assert.deepEqual(range.schema.parse(text), value);
    assert.equal(range.schema.encode(value), text);
  });
}

const NO_RANGES = [
  ...["0-5", "65535-65536", "2-1", "20000-30000", "20000", "20000-", "a-b"],
  ...["000001-2", " 1-2", "1-2 ", "1-2-3", ""],
];

for (const text of NO_RANGES) {
  Deno.test(`--proxy-port-range refuses ${JSON.stringify(text)}`, () => {
    assert.equal(
      range.schema.safeParse(text).error?.issues[0]?.message,
      "expected first-last such as 21000-21099, at most 10000 ports",
    );
  });
}

Deno.test("without a range, dedicated ports do not exist", () => {
  assert.equal(range.schema.parse(undefined), undefined);
});

Deno.test("only this machine may use dedicated ports by default", () => {
  assert.deepEqual(allow.schema.parse(undefined), ["127.0.0.0/8", "::1"]);
});

Deno.test("addresses and ranges may use dedicated ports, names may not", () => {
  const given = ["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"];
  assert.deepEqual(allow.schema.parse(given), given);
  for (const text of ["lab.test", "10.1.0.0/33", "10.1/16", ""]) {
    assert.equal(
      allow.schema.safeParse([text]).error?.issues[0]?.message,
      "expected an IP address or a range such as 10.1.0.0/16",
      text,
    );
  }
});
