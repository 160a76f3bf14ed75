/** @module */
import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import { streamPair } from "../../src/net/stream_pair.ts";
import { cutWhenOver, LOOK_INTERVAL } from "../../src/server/cut_when_over.ts";
import { ManualClock } from "./manual_clock.ts";

Deno.test("cutWhenOver() closes a stream as soon as it is over, and not before", async () => {
  const clock = new ManualClock();
  const [stream, far] = streamPair();
  let isOver = false;
  cutWhenOver(
    { kind: "stream", status: 200, fields: new Fields(), stream },
    () => isOver,
    clock,
  );
  const read = far.read(new Uint8Array(1));

  clock.advance(LOOK_INTERVAL);
  assert.equal(clock.pending, 1);
  isOver = true;
  clock.advance(LOOK_INTERVAL);

  await assert.rejects(read);
  assert.equal(clock.pending, 0);
});

Deno.test("cutWhenOver() looks no more at a stream that was closed", () => {
  const clock = new ManualClock();
  const [stream] = streamPair();
  cutWhenOver(
    { kind: "stream", status: 200, fields: new Fields(), stream },
    () => false,
    clock,
  );

  stream.close();

  assert.equal(clock.pending, 0);
});
