import assert from "node:assert/strict";

import { HTTP_CLIENT_FIELDS } from "../../../src/config/options/http_client_config.ts";

Deno.test("rates are sizes for each second, and no limit unless set", () => {
  assert.equal(HTTP_CLIENT_FIELDS.readLimit.schema.parse("1.5Mi"), 1_572_864);
  assert.equal(HTTP_CLIENT_FIELDS.readLimit.schema.parse(undefined), 0);
  assert(!HTTP_CLIENT_FIELDS.writeLimit.schema.safeParse("fast").success);
});
