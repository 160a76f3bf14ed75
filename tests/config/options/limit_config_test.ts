/** The server's limits: each default, and the values at both ends. */
import assert from "node:assert/strict";
import { LIMIT_FIELDS } from "../../../src/config/options/limit_config.ts";

const KIB = 1024;
const MINUTE = 60_000;

/** Option → its default, what it takes at both ends, and what is just outside. */
const ROWS: Readonly<
  Record<
    keyof typeof LIMIT_FIELDS,
    readonly [
      fallback: unknown,
      taken: Readonly<Record<string, number>>,
      refused: readonly string[],
    ]
  >
> = {
  tunnelMaxExchanges: [
    4096,
    { "1": 1, "1000000": 1_000_000 },
    ["0", "1000001", "-1", "1.5"],
  ],
  maxHeaderSize: [
    64 * KIB,
    { "8Ki": 8 * KIB, "512Ki": 512 * KIB },
    ["8191", "524289"],
  ],
  maxHeaderFields: [256, { "64": 64, "8192": 8192 }, ["63", "8193"]],
  tunnelRateLimit: [0, { "0": 0, "1Mi": KIB * KIB }, ["-1", "fast"]],
  tunnelRequests: [100, { "0": 0, "1000": 1_000 }, ["-1", "1001"]],
  tunnelPingInterval: [5_000, { "100ms": 100, "1m": MINUTE }, ["99ms", "0"]],
  maxConnections: [
    10_000,
    { "16": 16, "1000000": 1_000_000 },
    ["15", "1000001"],
  ],
  maxConnectionsPerAddress: [
    undefined,
    { "16": 16, "1000000": 1_000_000 },
    ["15", "1000001"],
  ],
  exchangeIdleTimeout: [15 * MINUTE, { "0": 0, "1h": 60 * MINUTE }, ["soon"]],
  requestBodyTimeout: [2 * MINUTE, { "0": 0, "30s": 30_000 }, ["soon"]],
  restUserRateLimit: [
    250,
    { "0": 0, "1000000": 1_000_000 },
    ["-1", "1000001"],
  ],
  restAddressRateLimit: [
    500,
    { "0": 0, "1000000": 1_000_000 },
    ["-1", "1000001"],
  ],
  loginMaxFailures: [10, { "1": 1, "1000": 1000 }, ["0", "1001"]],
};

for (const [name, [fallback, taken, refused]] of Object.entries(ROWS)) {
  const { schema } = LIMIT_FIELDS[name as keyof typeof LIMIT_FIELDS];
  Deno.test(`${name} is ${fallback} unless it is set`, () => {
    assert.equal(schema.parse(undefined), fallback);
  });
  for (const [text, value] of Object.entries(taken)) {
    Deno.test(`${name} takes ${text}`, () => {
      assert.equal(schema.parse(text), value);
    });
  }
  for (const text of refused) {
    Deno.test(`${name} refuses ${text}`, () => {
      assert.match(
        schema.safeParse(text).error?.issues[0]?.message ?? "",
        /^expected /,
      );
    });
  }
}
