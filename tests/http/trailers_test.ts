import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import { allowedTrailers } from "../../src/http/trailers.ts";

Deno.test("allowedTrailers() drops what frames, routes or authorises", () => {
  const trailers = new Fields([
    ...["Content-Length", "3", "host", "a", "Transfer-Encoding", "chunked"],
    ...["Set-Cookie", "b", "Authorization", "c", "Server-Timing", "d"],
  ]);

  assert.deepEqual(allowedTrailers(trailers)?.flat, ["Server-Timing", "d"]);
  assert.equal(trailers.size, 6);
});

Deno.test("allowedTrailers() gives nothing when nothing is left", () => {
  assert.equal(allowedTrailers(new Fields(["Host", "a"])), undefined);
  assert.equal(allowedTrailers(undefined), undefined);
});
