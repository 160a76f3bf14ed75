import assert from "node:assert/strict";

import { logTime } from "../../src/log/log_time.ts";

Deno.test("logTime() agrees with Date.now() and never goes back", () => {
  let last = 0;
  for (let n = 0; n < 10_000; n++) {
    const before = Date.now();
    const now = logTime();
    const after = Date.now();

    assert(now >= before * 1000 && now < (after + 1) * 1000);
    assert(now >= last);
    last = now;
  }
});
