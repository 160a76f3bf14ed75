/** @module */
import assert from "node:assert/strict";
import { textsOf } from "./sources.ts";
import waits from "./waits.ts";

function messages(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(waits, filename, source)
    .map(({ message }) => message);
}

Deno.test.each([
  ["await client.process.waitFor(/connection lost/);"],
  ["await client.waitFor(new RegExp(`active=${count}`));"],
  ["await client.waitFor(WAITING, { ms: 1 });"],
])("log-events reports %s", (source) => {
  assert.deepEqual(messages("/p/tests/system/x_test.ts", source), [
    "A test waits for a pattern over the text of the log",
  ]);
});

Deno.test.each([
  ["await page.getByText('Copied').first().waitFor();"],
  ['await page.getByText(LOST).waitFor({ state: "hidden" });'],
  ['await client.process.event("connection lost", { reason: /closed/ });'],
])("log-events lets %s be", (source) => {
  assert.deepEqual(messages("/p/tests/system/x_test.ts", source), []);
});

Deno.test("log-events leaves programs alone that have another output", () => {
  const source = "await child.waitFor(/port/);";

  assert.deepEqual(messages("/p/tests/testing/webdriver.ts", source), []);
  assert.deepEqual(messages("/p/src/cli/x.ts", source), []);
});

/** Where a test looks for an event: with its message, or with a constant that has it. */
const LOOKS_FOR =
  /\.(?:event|seen|matching)\(\s*\[?\s*(?:("(?:[^"\\]|\\.)+")|([A-Z_]+)\b)/g;

/** The messages that a test looks for, in quotes. */
function lookedFor(text: string): readonly string[] {
  return [...text.matchAll(LOOKS_FOR)].flatMap(([, message, name]) => {
    if (message !== undefined) return [message];
    const constant = new RegExp(`const ${name} =\\s*("(?:[^"\\\\]|\\\\.)+")`);
    return constant.exec(text)?.[1] ?? [];
  });
}

Deno.test("what tests wait for is a message that the program, or a plugin of the test, logs", async () => {
  const sources = [...await textsOf("src"), ...await textsOf("plugins")]
    .map(([, text]) => text).join("\n");
  const unknown: string[] = [];
  let count = 0;
  for (const [path, text] of await textsOf("tests")) {
    // Its events are its own.
    if (path === "tests/testing/event_log_test.ts") continue;
    for (const message of lookedFor(text)) {
      count += 1;
      const inPlugin = `log.info(${message}`;
      if (sources.includes(message) || text.includes(inPlugin)) continue;
      unknown.push(`${path}: ${message}`);
    }
  }

  assert.deepEqual(unknown, []);
  assert.ok(count > 100, `only ${count} were found`);
});
