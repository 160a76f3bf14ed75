import assert from "node:assert/strict";

import { logger } from "../../src/log/log.ts";

Deno.test("logger() speaks for a module under the program's category", () => {
  assert.deepEqual(logger("proxy").category, ["sallyport", "proxy"]);
});
