/** @module */
import assert from "node:assert/strict";
import { adviceFor } from "../../../src/proxy/errors/error_advice.ts";
import { ERROR_TABLE } from "../../../src/proxy/errors/error_table.ts";

const HELP = new URL(
  "../../cli/__snapshots__/help_test.ts.snap",
  import.meta.url,
);

Deno.test("there is advice for every failure, and for nothing else", () => {
  for (const { reason } of Object.values(ERROR_TABLE)) {
    const advice = adviceFor(reason);

    assert.equal(new Set(advice?.remedies).size, 3, reason);
    for (const text of [advice?.title, ...advice?.remedies ?? []]) {
      assert.match(text ?? "", /^[A-Z].*[^.]$/, reason);
    }
  }
  assert.equal(adviceFor("toString"), undefined);
  assert.equal(adviceFor("<script>"), undefined);
});

Deno.test("the advice names only options that exist", async () => {
  const help = await Deno.readTextFile(HELP);
  const named = Object.values(ERROR_TABLE)
    .flatMap(({ reason }) => adviceFor(reason)?.remedies ?? [])
    .flatMap((remedy) => remedy.match(/--[a-z-]+/g) ?? [])
    // Of curl.
    .filter((option) => option !== "--verbose");

  assert.ok(named.length > 20, String(named));
  const options = new Set(help.match(/--[a-z-]+/g));
  assert.deepEqual(named.filter((option) => !options.has(option)), []);
});
