import assert from "node:assert/strict";

import { byteBucket, limitRate } from "../../../src/net/stream/rate_limit.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";

Deno.test("limitRate() costs nothing without limits: the stream is the same", () => {
  const [stream] = streamPair();

  assert.equal(limitRate(stream, {}), stream);
});

Deno.test("limitRate() takes no more than the burst at once", async () => {
  const [near, far] = streamPair();
  const limited = limitRate(near, { write: byteBucket(100_000) });

  const taken = limited.write(new Uint8Array(50_000));
  const got = await far.read(new Uint8Array(50_000));

  assert.equal(await taken, 10_000);
  assert.equal(got, 10_000);
});

Deno.test("limitRate() does not hold up a stream that is closed", async () => {
  const [near] = streamPair();
  const bucket = byteBucket(1);
  bucket.spend(1_000_000);
  const limited = limitRate(near, { write: bucket });

  const writing = limited.write(new Uint8Array(1));
  limited.close();

  await assert.rejects(writing, /The connection is closed/);
});
