import assert from "node:assert/strict";

import { httpLogTable } from "../../src/log/http_log.ts";

Deno.test("without a rule nothing is logged", () => {
  const none = { api: "none", proxy: "none", control: "none" };
  assert.deepEqual(httpLogTable([]), none);
});

Deno.test("a rule without a module is one for all, and later rules win", () => {
  const table = httpLogTable([
    { module: "proxy", mode: "body" },
    { module: undefined, mode: "url" },
    { module: "api", mode: "errors" },
  ]);
  assert.deepEqual(table, { api: "errors", proxy: "url", control: "url" });
});
