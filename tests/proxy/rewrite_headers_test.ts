import assert from "node:assert/strict";

import type { Handler } from "../../src/http/exchange.ts";
import { rewriteHeaders } from "../../src/proxy/rewrite_headers.ts";

Deno.test("rewriteHeaders() costs nothing without rules: the handler is the same", () => {
  const handler: Handler = () => Promise.reject(new Error("not called"));

  assert.equal(rewriteHeaders(handler, {}), handler);
});
