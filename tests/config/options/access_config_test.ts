import assert from "node:assert/strict";

import { ACCESS_FIELDS } from "../../../src/config/options/access_config.ts";

for (const address of ["127.0.0.1:8080", "[::1]:0", "localhost:8080"]) {
  Deno.test(`--debug-address takes ${address}`, () => {
    assert(ACCESS_FIELDS.debugAddress.schema.safeParse(address).success);
  });
}

for (const address of [":8080", "0.0.0.0:8080", "10.0.0.1:8080", "a.test:1"]) {
  Deno.test(`--debug-address refuses ${address}: it has no credentials`, () => {
    assert(!ACCESS_FIELDS.debugAddress.schema.safeParse(address).success);
  });
}

Deno.test("--allow-time-frame says what is wrong with a frame", () => {
  const { error } = ACCESS_FIELDS.allowTimeFrame.schema.safeParse(["mon/3-2"]);

  assert.match(error?.message ?? "", /the first before the last/);
});
