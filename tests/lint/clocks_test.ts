/**
 * There is one kind of clock. A part that only reads the time takes `now`,
 * which gives milliseconds; a part that also waits takes a `Clock`
 * (`src/async/clock.ts`).
 *
 * @module
 */
import assert from "node:assert/strict";
import { textsOf } from "./sources.ts";

/** A parameter or field that gives the time, with its type. */
const NOW = /\bnow\??: (\(\) => [\w<>]+)/g;

Deno.test("every injected time is in milliseconds", async () => {
  const others: string[] = [];
  let count = 0;
  for (const [path, text] of await textsOf("src")) {
    if (path === "src/async/clock.ts") continue;
    for (const [whole, type] of text.matchAll(NOW)) {
      count += 1;
      if (type !== "() => number") others.push(`${path}: ${whole}`);
    }
  }

  assert.deepEqual(others, []);
  assert.ok(count > 20, `only ${count} were found`);
});
