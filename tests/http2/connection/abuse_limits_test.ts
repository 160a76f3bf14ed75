/** Each limit has its own allowance, which comes back with time. */
import assert from "node:assert/strict";
import { AbuseLimits } from "../../../src/http2/connection/abuse_limits.ts";
import { ErrorCode, Http2Error } from "../../../src/http2/errors.ts";

const RATES = {
  resets: { burst: 2, perSecond: 1 },
  settings: { burst: 3, perSecond: 2 },
  idleFrames: { burst: 4, perSecond: 4 },
};

function setUp() {
  let now = 0;
  const limits = new AbuseLimits({
    ...RATES,
    clock: {
      now: () => now,
      timer: () => assert.fail("nothing is timed"),
    },
  });
  return { limits, pass: (ms: number) => now += ms };
}

const CALLS = {
  resets: (limits: AbuseLimits) => limits.onReset(),
  settings: (limits: AbuseLimits) => limits.onSettings(),
  idleFrames: (limits: AbuseLimits) => limits.onIdleFrame(),
} as const;
const NAMES = ["resets", "settings", "idleFrames"] as const;

function assertOver(limit: string, action: () => void): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof Http2Error);
    assert.equal(error.limit, limit);
    assert.equal(error.code, ErrorCode.ENHANCE_YOUR_CALM);
    assert.equal(error.scope, "connection");
    return true;
  });
}

for (const name of NAMES) {
  Deno.test(`"${name}" allows its burst, and refuses one more`, () => {
    const { limits } = setUp();
    for (let at = 0; at < RATES[name].burst; at++) CALLS[name](limits);
    assertOver(name, () => CALLS[name](limits));
  });

  Deno.test(`"${name}" comes back as its rate says`, () => {
    const { limits, pass } = setUp();
    for (let at = 0; at < RATES[name].burst; at++) CALLS[name](limits);
    const each = 1000 / RATES[name].perSecond;
    pass(each - 1);
    assertOver(name, () => CALLS[name](limits));
    pass(1);
    CALLS[name](limits);
    assertOver(name, () => CALLS[name](limits));
  });

  Deno.test(`"${name}" leaves the others alone`, () => {
    const { limits } = setUp();
    for (let at = 0; at < RATES[name].burst; at++) CALLS[name](limits);
    for (const other of NAMES.filter((each) => each !== name)) {
      for (let at = 0; at < RATES[other].burst; at++) CALLS[other](limits);
    }
  });
}

Deno.test("what came is counted, the refused one too", () => {
  const { limits } = setUp();
  assert.deepEqual([limits.settingsReceived, limits.idleFramesReceived], [
    0,
    0,
  ]);
  for (let at = 0; at < 3; at++) limits.onSettings();
  assert.throws(() => limits.onSettings());
  limits.onIdleFrame();
  limits.onReset();
  assert.deepEqual([limits.settingsReceived, limits.idleFramesReceived], [
    4,
    1,
  ]);
});
