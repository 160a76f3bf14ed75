/** What the server may reach directly. */
import assert from "node:assert/strict";
import { DIRECT_FIELDS } from "../../../src/config/options/direct_config.ts";

const { direct, directPorts } = DIRECT_FIELDS;

Deno.test("public sites are reached directly unless it is said otherwise", () => {
  assert.equal(direct.schema.parse(undefined), "public");
  for (const word of ["none", "public", "all"]) {
    assert.equal(direct.schema.parse(word), word);
  }
  assert.equal(
    direct.schema.safeParse("private").error?.issues[0]?.message,
    "expected none, public or all",
  );
});

const HUNDRED = Array.from({ length: 100 }, (_, at) => at + 1);

/** Text → its ports. */
const PORTS = [
  ["all", "all"],
  ["80", [80]],
  ["80,443", [80, 443]],
  ["1,65535", [1, 65_535]],
  [HUNDRED.join(), HUNDRED],
] as const;

for (const [text, ports] of PORTS) {
  Deno.test(`--direct-ports takes ${text.slice(0, 20)}, and says it again`, () => {
    assert.deepEqual(directPorts.schema.parse(text), ports);
    assert.equal(directPorts.schema.encode(ports), text);
  });
}

const WRONG = [
  ...["0", "65536", "80,", "80, 443", "80-90", "", "-1", "000080", "none"],
  [...HUNDRED, 101].join(),
];

for (const text of WRONG) {
  Deno.test(`--direct-ports refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.equal(
      directPorts.schema.safeParse(text).error?.issues[0]?.message,
      'expected ports such as 80,443, or "all"',
    );
  });
}

Deno.test("no ports are named by default: they follow --direct", () => {
  assert.equal(directPorts.schema.parse(undefined), undefined);
});
