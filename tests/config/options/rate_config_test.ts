import assert from "node:assert/strict";

import { RATE_FIELDS } from "../../../src/config/options/rate_config.ts";

Deno.test("rates are sizes for each second, and no limit unless set", () => {
  assert.equal(RATE_FIELDS.readLimit.schema.parse("1.5Mi"), 1_572_864);
  assert.equal(RATE_FIELDS.readLimit.schema.parse(undefined), 0);
  assert(!RATE_FIELDS.writeLimit.schema.safeParse("fast").success);
});
