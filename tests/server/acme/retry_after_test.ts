import assert from "node:assert/strict";
import { retryAfterIn } from "../../../src/server/acme/retry_after.ts";

const NOW = Date.parse("2026-12-01T00:00:00Z");
const WEEK = 7 * 24 * 3_600_000;

Deno.test.each([
  { field: null, wait: undefined },
  { field: "120", wait: 120_000 },
  { field: "Tue, 01 Dec 2026 01:00:00 GMT", wait: 3_600_000 },
  { field: "Mon, 30 Nov 2026 00:00:00 GMT", wait: 0 },
  { field: "99999999999", wait: WEEK },
  { field: "soon", wait: undefined },
])("retryAfterIn() reads $field", ({ field, wait }) => {
  assert.equal(retryAfterIn(field, NOW), wait);
});
