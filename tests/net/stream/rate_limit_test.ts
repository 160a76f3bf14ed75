import assert from "node:assert/strict";

import { limitRate, TokenBucket } from "../../../src/net/stream/rate_limit.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";

Deno.test("TokenBucket lets its burst pass, then asks to wait by its rate", () => {
  let now = 0;
  const bucket = new TokenBucket(100_000, () => now);

  assert.equal(bucket.burst, 10_000);
  assert.equal(bucket.take(10_000), 0);
  assert.equal(bucket.take(1_000), 10);
  now = 10;
  assert.equal(bucket.take(500), 5);
  now = 60_000;
  assert.equal(bucket.take(10_001), 0.01);
});

Deno.test("TokenBucket makes those who share it wait for one another", () => {
  const bucket = new TokenBucket(100_000, () => 0);

  const waits = [1, 2, 3].map(() => bucket.take(10_000));

  assert.deepEqual(waits, [0, 100, 200]);
});

Deno.test("limitRate() costs nothing without limits: the stream is the same", () => {
  const [stream] = streamPair();

  assert.equal(limitRate(stream, {}), stream);
});

Deno.test("limitRate() takes no more than the burst at once", async () => {
  const [near, far] = streamPair();
  const limited = limitRate(near, { write: new TokenBucket(100_000) });

  const taken = limited.write(new Uint8Array(50_000));
  const got = await far.read(new Uint8Array(50_000));

  assert.equal(await taken, 10_000);
  assert.equal(got, 10_000);
});

Deno.test("limitRate() does not hold up a stream that is closed", async () => {
  const [near] = streamPair();
  const bucket = new TokenBucket(1);
  bucket.take(1_000_000);
  const limited = limitRate(near, { write: bucket });

  const writing = limited.write(new Uint8Array(1));
  limited.close();

  await assert.rejects(writing, /the connection is closed/);
});
