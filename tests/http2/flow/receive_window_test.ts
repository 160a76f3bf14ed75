import assert from "node:assert/strict";
import {
  ReceiveWindow,
  SharedReceiveWindow,
} from "../../../src/http2/flow/receive_window.ts";
import {
  newContention,
  type WindowGrowth,
} from "../../../src/http2/flow/window_size.ts";

function createWindow(
  { size = 1000, roundTrip = 40, maxSize = 8000, left = 1e9 } = {},
): {
  readonly window: ReceiveWindow;
  readonly growth: WindowGrowth;
  pass(ms: number): void;
} {
  let now = 0;
  const growth = {
    maxSize,
    left,
    contention: newContention(),
    now: () => now,
    roundTrip: () => roundTrip,
  };
  const window = new ReceiveWindow(size, growth);
  return { window, growth, pass: (ms) => void (now += ms) };
}

Deno.test("ReceiveWindow returns credit in steps of half a window", () => {
  const { window, pass } = createWindow();
  window.consume(1000);
  pass(100);

  assert.equal(window.restore(499), 0);
  assert.equal(window.restore(1), 500);
  pass(100);
  assert.equal(window.restore(700), 700);
});

Deno.test("ReceiveWindow.consume() refuses what exceeds the window", () => {
  const { window, pass } = createWindow();
  pass(100);

  assert.equal(window.consume(1000), true);
  assert.equal(window.consume(1), false);
});

Deno.test("ReceiveWindow doubles while half of it goes in less than a round trip, up to the limit", () => {
  const { window, pass } = createWindow();
  const sizes: number[] = [];

  for (let round = 0; round < 5; round++) {
    pass(20);
    window.restore(window.size / 2);
    sizes.push(window.size);
  }

  assert.deepEqual(sizes, [2000, 4000, 8000, 8000, 8000]);
});

Deno.test("ReceiveWindow grows by what all windows together have left, and releases it", () => {
  const growth = {
    maxSize: 8000,
    left: 1500,
    contention: newContention(),
    now: () => performance.now(),
    roundTrip: () => 1000,
  };
  const first = new ReceiveWindow(1000, growth);
  const second = new ReceiveWindow(1000, growth);

  first.restore(500);
  second.restore(500);
  assert.deepEqual([first.size, second.size], [2000, 1500]);
  first.releaseGrowth();
  second.restore(750);

  assert.equal(second.size, 2500);
  assert.equal(growth.left, 0);
});

Deno.test("ReceiveWindow does not grow after its growth was released", () => {
  for (const roundTrip of [0.1, 40]) {
    const { window, growth } = createWindow({ roundTrip });
    const { left } = growth;
    for (let round = 0; round < 9; round++) window.restore(window.size / 2);
    assert.ok(growth.left < left, "it grew before");

    window.releaseGrowth();
    for (let round = 0; round < 9; round++) window.restore(window.size / 2);

    assert.equal(growth.left, left, `at ${roundTrip} ms`);
  }
});

Deno.test("ReceiveWindow stays as it is on a slow link", () => {
  const { window, pass } = createWindow();

  for (let round = 0; round < 5; round++) {
    pass(250);
    assert.equal(window.restore(500), 500);
  }

  assert.equal(window.size, 1000);
});

Deno.test("SharedReceiveWindow gives credit for unread bytes only up to its bound", () => {
  const { window, pass } = createWindow();
  const shared = new SharedReceiveWindow(window, 1000);
  pass(100);

  assert.equal(shared.hold(1000), 1000);
  pass(100);
  assert.equal(shared.hold(600), 0);
  assert.equal(shared.unread, 1600);
  assert.equal(shared.release(600), 600);
  assert.equal(shared.release(1000), 0);
  assert.equal(shared.unread, 0);
});
