import assert from "node:assert/strict";

import { limitWays } from "../../src/proxy/limit_ways.ts";

Deno.test("limitWays() costs nothing without rates: the ways are the same", () => {
  const find = () => assert.fail("not asked");

  assert.equal(limitWays(find, {}), find);
});
