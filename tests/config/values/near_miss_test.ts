import assert from "node:assert/strict";
import {
  nearAddress,
  nearDomain,
  nearDuration,
  nearSize,
  nearWord,
} from "../../../src/config/values/near_miss.ts";
import { parseDuration, parseSize } from "../../../src/config/values/units.ts";
import { DomainList } from "../../../src/net/domains/domain_list.ts";

const LEVELS = ["error", "info", "debug"] as const;

/** What is meant by each text; `undefined` where nobody knows. */
const MEANT: readonly (readonly [
  kind: string,
  near: (raw: string) => string,
  rows: readonly (readonly [raw: string, meant: string | undefined])[],
])[] = [
  ["a duration", nearDuration, [
    ["30d", "720h"],
    ["2 weeks", "336h"],
    ["1.5 hours", "1h30m"],
    ["90", "1m30s"],
    ["30S", "30s"],
    ["5 min", "5m"],
    ["250 millis", "250ms"],
    ["soon", undefined],
    ["-5s", undefined],
    ["99999999999999999d", undefined],
    ["", undefined],
  ]],
  ["a size", nearSize, [
    ["1MB", "1Mi"],
    ["64 KiB", "64Ki"],
    ["512k", "512Ki"],
    ["1.5g", "1536Mi"],
    ["1T", "1024Gi"],
    ["100 bytes", "100"],
    ["big", undefined],
    ["-1M", undefined],
    ["", undefined],
  ]],
  ["an address", nearAddress, [
    ["8032", "127.0.0.1:8032"],
    ["65536", undefined],
    ["localhost", undefined],
    ["", undefined],
  ]],
  ["hosts", nearDomain, [
    ["*.foo.com", "\\.foo\\.com$"],
    ["-*.foo.com", "-\\.foo\\.com$"],
    ["*.local", "\\.local$"],
    ["*foo.com", undefined],
    ["*.foo.*", undefined],
    ["*", undefined],
  ]],
  ["a level", (raw) => nearWord(raw, LEVELS), [
    ["warn", "info"],
    ["WARNING", "info"],
    ["trace", "debug"],
    ["Debug", "debug"],
    ["degub", "debug"],
    ["fatal", "error"],
    ["yes", undefined],
    ["loud", undefined],
  ]],
  ["a switch", (raw) => nearWord(raw, ["true", "false"]), [
    ["yes", "true"],
    ["0", "false"],
    ["True", "true"],
    ["maybe", undefined],
  ]],
];

for (const [kind, near, rows] of MEANT) {
  Deno.test(`advice about what is nearly ${kind} says what was meant`, () => {
    for (const [raw, meant] of rows) {
      const advice = meant === undefined ? "" : `, did you mean "${meant}"?`;
      assert.equal(near(raw), advice, raw);
    }
  });
}

Deno.test("what is advised is accepted, and means the same", () => {
  const advised = (advice: string): string =>
    /"(.*)"/.exec(advice)?.[1] ?? "nothing";
  const hosts = DomainList.parse([advised(nearDomain("*.foo.com"))]);

  assert.equal(parseDuration(advised(nearDuration("30d"))), 30 * 86_400_000);
  assert.equal(parseSize(advised(nearSize("1MB"))), 2 ** 20);
  assert.deepEqual(
    ["a.foo.com", "a.b.foo.com", "foo.com", "xfoo.com", "a.foo.com.x"].map(
      (host) => hosts.matches(host),
    ),
    [true, true, false, false, false],
  );
});
