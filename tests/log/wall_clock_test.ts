import assert from "node:assert/strict";

import { wallMicroseconds } from "../../src/log/wall_clock.ts";

Deno.test("wallMicroseconds() agrees with Date.now() and never goes back", () => {
  let last = 0;
  for (let n = 0; n < 10_000; n++) {
    const before = Date.now();
    const now = wallMicroseconds();
    const after = Date.now();

    assert(now >= before * 1000 && now < (after + 1) * 1000);
    assert(now >= last);
    last = now;
  }
});
