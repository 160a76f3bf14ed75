/** Turns of streams with content, and the window that they share. */
import assert from "node:assert/strict";
import { SendScheduler } from "../../../src/http2/flow/send_scheduler.ts";
import { FrameWriter } from "../../../src/http2/frames/frame_writer.ts";
import { WriteBuffer } from "../../../src/http2/frames/write_buffer.ts";

const KIB = 1024;
const INITIAL = 65_535;

function setUp() {
  const output = new WriteBuffer(
    { write: () => Promise.withResolvers<number>().promise },
    { onRoom: () => {}, onError: (error) => assert.fail(String(error)) },
  );
  const scheduler = new SendScheduler(new FrameWriter(output));
  const turns: string[] = [];
  /** Queues a sender that takes `bytes` of the window in its turn. */
  const enqueue = (name: string, bytes = 0, then = () => {}) => {
    const sender = {
      takeTurn() {
        turns.push(name);
        if (bytes > 0) scheduler.spend(bytes, bytes);
        then();
      },
    };
    scheduler.enqueue(sender);
    return sender;
  };
  return { scheduler, output, turns, enqueue };
}

Deno.test("the allowance is the least of frame, window and what one frame holds", () => {
  const { scheduler } = setUp();
  assert.equal(scheduler.allowance, 16 * KIB);
  scheduler.maxFrameSize = 1_000_000;
  assert.equal(scheduler.allowance, INITIAL);
  scheduler.increaseWindow(10);
  assert.equal(scheduler.allowance, 64 * KIB);
  scheduler.spend(INITIAL, INITIAL);
  assert.equal(scheduler.allowance, 10);
  scheduler.spend(10, 10);
  assert.equal(scheduler.allowance, 0);
});

Deno.test("a turn has 16 KiB while others wait", () => {
  const { scheduler, enqueue } = setUp();
  scheduler.maxFrameSize = 1_000_000;
  assert.equal(scheduler.isContended, false);
  const sender = enqueue("a");
  assert.equal(scheduler.isContended, true);
  assert.equal(scheduler.allowance, 16 * KIB);
  scheduler.remove(sender);
  assert.equal(scheduler.allowance, INITIAL);
});

Deno.test("nothing is allowed and no turn is given while the socket is behind", () => {
  const { scheduler, output, turns, enqueue } = setUp();
  enqueue("a");
  output.reserve(64 * KIB);
  assert.equal(scheduler.allowance, 0);
  scheduler.giveTurns();
  assert.deepEqual(turns, []);

  output.stop();
  scheduler.giveTurns();
  assert.deepEqual(turns, ["a"]);
});

Deno.test("senders have one turn each, in order", () => {
  const { scheduler, turns, enqueue } = setUp();
  enqueue("a", 0, () => void enqueue("a again"));
  enqueue("b");

  scheduler.giveTurns();

  assert.deepEqual(turns, ["a", "b", "a again"]);
  assert.equal(scheduler.isContended, false);
  scheduler.giveTurns();
  assert.equal(turns.length, 3);
});

Deno.test("turns end with the window, and go on when it grows", () => {
  const { scheduler, turns, enqueue } = setUp();
  for (const name of ["a", "b", "c"]) enqueue(name, INITIAL);
  scheduler.giveTurns();
  assert.deepEqual(turns, ["a"]);

  assert.equal(scheduler.increaseWindow(1), true);
  assert.deepEqual(turns, ["a", "b"]);
  assert.equal(scheduler.increaseWindow(INITIAL - 2), true);
  assert.deepEqual(turns, ["a", "b"]);
  assert.equal(scheduler.increaseWindow(2), true);
  assert.deepEqual(turns, ["a", "b", "c"]);
});

Deno.test("a window may be 2^31 - 1, and no larger", () => {
  const { scheduler } = setUp();
  assert.equal(scheduler.increaseWindow(2 ** 31 - 1 - INITIAL), true);
  assert.equal(scheduler.increaseWindow(1), false);
});

Deno.test("a sender that was removed has no turn; others keep theirs", () => {
  const { scheduler, turns, enqueue } = setUp();
  scheduler.spend(INITIAL, INITIAL);
  const [a, b] = [enqueue("a", INITIAL), enqueue("b", 1)];
  enqueue("c", 1);
  scheduler.increaseWindow(1);
  assert.deepEqual(turns, ["a"]);

  scheduler.remove(a);
  scheduler.remove(b);
  scheduler.remove(b);
  scheduler.increaseWindow(INITIAL + 1);

  assert.deepEqual(turns, ["a", "c"]);
});

Deno.test("a long queue keeps its order when those served are dropped", () => {
  const { scheduler, turns, enqueue } = setUp();
  const names = Array.from({ length: 3_000 }, (_, at) => `${at}`);
  scheduler.spend(INITIAL, INITIAL);
  for (const name of names) enqueue(name, 1);

  for (const more of [1_024, 1, 1_500, 475]) scheduler.increaseWindow(more);

  assert.deepEqual(turns, names);
  assert.equal(scheduler.isContended, false);
});

Deno.test("writes that find no window are counted", () => {
  const { scheduler, enqueue } = setUp();
  enqueue("a");
  assert.equal(scheduler.writesHeldBack, 0);
  scheduler.spend(INITIAL, INITIAL);
  enqueue("b");
  assert.equal(scheduler.writesHeldBack, 1);
  scheduler.countHeldBack();
  assert.equal(scheduler.writesHeldBack, 2);
});

Deno.test("onContentSent is called when content was sent", () => {
  const { scheduler } = setUp();
  let sent = 0;
  scheduler.spend(1, 1);
  scheduler.onContentSent = () => sent++;
  scheduler.spend(1, 1);
  assert.equal(sent, 1);
});

/** Length of a frame, and what there was to send → small updates that it explains. */
for (
  const [length, wanted, updates] of [
    [1_024, 2_000, 2],
    [1_023, 2_000, 0],
    [10, 10, 2],
    [10, 11, 0],
  ] as const
) {
  Deno.test(`${length} of ${wanted} bytes explain ${updates} small updates`, () => {
    const { scheduler } = setUp();
    assert.equal(scheduler.isUsefulUpdate(1_023), false);
    scheduler.spend(length, wanted);
    for (let left = updates; left > 0; left--) {
      assert.equal(scheduler.isUsefulUpdate(1_023), true);
    }
    assert.equal(scheduler.isUsefulUpdate(1), false);
    assert.equal(scheduler.isUsefulUpdate(1_024), true);
  });
}
