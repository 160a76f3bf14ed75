import assert from "node:assert/strict";
import { checkExclusive } from "../../../src/config/values/mutually_exclusive.ts";
import type { OptionValue } from "../../../src/config/sources/option_values.ts";

const PAIRS = [["a-domains", "b-domains"]] as const;

function given(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): ReadonlyMap<string, OptionValue> {
  return new Map([
    ...(a === undefined
      ? []
      : [["a-domains", { raw: a, source: "--a-domains" }] as const]),
    ...(b === undefined
      ? []
      : [["b-domains", { raw: b, source: "SALLYPORT_B_DOMAINS" }] as const]),
  ]);
}

Deno.test("checkExclusive() refuses both of a pair and says where they are set", () => {
  assert.throws(() => checkExclusive(given(["x"], ["y"]), PAIRS), {
    name: "ConfigError",
    message:
      "Cannot use --a-domains together with SALLYPORT_B_DOMAINS: they are mutually exclusive, set one of them",
  });
});

Deno.test("checkExclusive() takes one of a pair, or none", () => {
  checkExclusive(given(["x"], undefined), PAIRS);
  checkExclusive(given(undefined, ["y"]), PAIRS);
  checkExclusive(given(undefined, undefined), PAIRS);
  checkExclusive(given([], ["y"]), PAIRS);
});
