import assert from "node:assert/strict";

import { defaultOf, fieldsIn, isRequired } from "../../src/config/field.ts";
import { text } from "../../src/config/values/values.ts";
import { SAMPLE } from "./fixtures.ts";

Deno.test("a field learns from the schema how many words an option takes", () => {
  const arity = Object.entries(SAMPLE).map(([key, each]) => [key, each.arity]);

  assert.deepEqual(Object.fromEntries(arity), {
    tunnelName: "one",
    accessKey: "one",
    configFile: "one",
    pool: "switch",
    connections: "one",
    wait: "one",
    mode: "one",
    files: "many",
    notes: "many",
  });
});

Deno.test("isRequired() and defaultOf() follow from the schema", () => {
  assert(isRequired(SAMPLE.tunnelName));
  assert(!isRequired(SAMPLE.configFile));
  assert.equal(defaultOf(SAMPLE.tunnelName), undefined);
  assert.equal(defaultOf(SAMPLE.configFile), undefined);
  assert.equal(defaultOf(SAMPLE.wait), "1m30s");
  assert.equal(defaultOf(SAMPLE.pool), "false");
  assert.deepEqual(defaultOf(SAMPLE.files), []);
});

Deno.test("fieldsIn() says once what the options of a section have in common", () => {
  const field = fieldsIn("Proxy", { placeholder: "rule", noSplit: true });

  const { section, placeholder, noSplit, help } = field(text(), {
    summary: "A rule",
    placeholder: "line",
  });

  assert.deepEqual(
    [section, placeholder, noSplit, help],
    ["Proxy", "line", true, "A rule."],
  );
});
