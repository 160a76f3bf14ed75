import assert from "node:assert/strict";
import { statusText } from "../../src/http/status_text.ts";

Deno.test("statusText() knows registered codes and has no words for others", () => {
  assert.deepEqual(
    [statusText(200), statusText(431), statusText(599)],
    ["OK", "Request Header Fields Too Large", ""],
  );
});

Deno.test("statusText() has the words of RFC 9110", () => {
  assert.deepEqual(
    [statusText(413), statusText(422)],
    ["Content Too Large", "Unprocessable Content"],
  );
});
