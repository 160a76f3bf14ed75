import assert from "node:assert/strict";
import {
  newContention,
  type WindowGrowth,
  WindowSize,
} from "../../../src/http2/flow/window_size.ts";

const KIB = 1024;

/** Windows of 256 KiB of one connection, with a round trip too short to measure. */
function createWindows(
  count: number,
  { left = 1e9 }: { readonly left?: number } = {},
) {
  let now = 0;
  const growth: WindowGrowth = {
    maxSize: 16 * 1024 * KIB,
    left,
    contention: newContention(),
    now: () => now,
    roundTrip: () => 0.1,
  };
  const windows = Array.from(
    { length: count },
    () => new WindowSize(256 * KIB, growth),
  );
  /** Uses half of the window in so many milliseconds; returns its size afterwards, in KiB. */
  const halve = (window: WindowSize | undefined, ms: number): number => {
    if (!window) assert.fail();
    now += ms;
    window.onData();
    window.resize(window.bytes / 2);
    return window.bytes / KIB;
  };
  return { windows, growth, halve };
}

function repeat<T>(times: number, action: () => T): T[] {
  return Array.from({ length: times }, action);
}

Deno.test("WindowSize grows to 2 MiB for a nearby sender that is alone", () => {
  const { windows: [download], halve } = createWindows(1);

  assert.deepEqual(
    repeat(7, () => halve(download, 1)),
    [256, 256, 512, 1024, 2048, 2048, 2048],
  );
});

Deno.test("WindowSize does not grow for what waited in the socket during a pause", () => {
  const { windows: [download], halve } = createWindows(1);

  const sizes = repeat(9, () => [
    halve(download, 0),
    halve(download, 0),
    halve(download, 200),
  ]);

  assert.deepEqual(new Set(sizes.flat()), new Set([256]));
});

Deno.test("WindowSize does not grow for a nearby sender that is slow", () => {
  const { windows: [download], halve } = createWindows(1);

  assert.deepEqual(
    new Set(repeat(9, () => halve(download, 10))),
    new Set([256]),
  );
});

Deno.test("WindowSize keeps its first size beside others, and grows again when they are quiet", () => {
  const { windows: [download, clicks], growth, halve } = createWindows(2);
  repeat(9, () => halve(download, 1));
  assert.equal(download?.bytes, 2048 * KIB);

  clicks?.onData();
  assert.equal(halve(download, 1), 1024, "by what was used, never by more");
  assert.equal(halve(download, 1), 512);
  assert.equal(halve(download, 1), 256);
  assert.equal(growth.left, 1e9, "others may have the rest");
  for (let clicked = 0; clicked < 9; clicked++) {
    clicks?.onData();
    assert.equal(halve(download, 1), 256);
  }

  repeat(120, () => halve(download, 1));
  assert.equal(download?.bytes, 2048 * KIB);
});

Deno.test("WindowSize grows by what all windows together have left, also for a nearby sender", () => {
  const { windows: [download], growth, halve } = createWindows(1, {
    left: 300 * KIB,
  });

  repeat(9, () => halve(download, 1));
  assert.equal(download?.bytes, 556 * KIB);

  download?.release();
  assert.equal(growth.left, 300 * KIB);
});
