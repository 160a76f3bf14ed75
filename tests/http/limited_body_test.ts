import assert from "node:assert/strict";
import { limitBody } from "../../src/http/limited_body.ts";
import type { TokenBucket } from "../../src/async/token_bucket.ts";
import { byteBucket } from "../../src/net/stream/rate_limit.ts";
import { bytesBody } from "../../src/http/bytes_body.ts";

/** A bucket whose clock stands still: what is taken beyond the burst is never paid back. */
function stoppedBucket(bytesPerSecond: number): TokenBucket {
  return byteBucket(bytesPerSecond, () => 0);
}

Deno.test("limitBody() gives no more at once than the burst", async () => {
  const body = limitBody(
    bytesBody(new Uint8Array(100_000)),
    stoppedBucket(100_000),
    new AbortController().signal,
  );
  const into = new Uint8Array(65_536);

  assert.equal(body.length, 100_000);
  assert.equal(await body.read(into), 10_000);
});

Deno.test("limitBody() leaves nobody waiting when the rest is not wanted", async () => {
  const body = limitBody(
    bytesBody(new Uint8Array(100_000)),
    stoppedBucket(1_000),
    new AbortController().signal,
  );
  const into = new Uint8Array(65_536);
  await body.read(into);

  const waiting = body.read(into);
  body.cancel(new Error("gone"));

  await assert.rejects(waiting, /gone/);
});

Deno.test("limitBody() leaves nobody waiting when the exchange is over", async () => {
  const exchange = new AbortController();
  const body = limitBody(
    bytesBody(new Uint8Array(100_000)),
    stoppedBucket(1_000),
    exchange.signal,
  );

  const into = new Uint8Array(65_536);
  await body.read(into);

  const waiting = body.read(into);
  exchange.abort(new Error("the browser has left"));

  await assert.rejects(waiting, /the browser has left/);
  await assert.rejects(body.read(into), /the browser has left/);
});
