/** Defaults of connections, what is sent of them, and the range of each. */
import assert from "node:assert/strict";
import { localSettings, resolveOptions } from "../../src/http2/options.ts";

const MIB = 1024 * 1024;

Deno.test("every option has the default that its comment says", () => {
  const { clock, patience, onSilent, ...numbers } = resolveOptions();
  assert.deepEqual(numbers, {
    maxConcurrentStreams: 256,
    streamWindow: 262_144,
    connectionWindow: 4_194_304,
    maxWindow: 16_777_216,
    maxGrowth: 33_554_432,
    maxUnread: 100_663_296,
    maxFrameSize: 65_536,
    maxFieldSectionSize: 65_536,
    enableConnectProtocol: true,
    pingInterval: 0,
    pingPhase: 1,
    pingTimeout: 10_000,
    overdueAfter: 0,
    streamWait: 0,
    handshakeTimeout: 10_000,
    closeTimeout: 1_000,
    maxWaitingRequests: 1_024,
    resets: { burst: 1_000, perSecond: 200 },
    settings: { burst: 100, perSecond: 10 },
    idleFrames: { burst: 10_000, perSecond: 1_000 },
    maxContinuations: 16,
    fieldBlockTimeout: 10_000,
    maxQueuedReplies: 1_000,
    maxQueuedBytes: 4_194_304,
  });
  assert.equal(typeof clock.now(), "number");
  assert.equal(patience(), 0);
  onSilent();
});

Deno.test("an option that is given replaces its default", () => {
  const options = resolveOptions({ maxConcurrentStreams: 1 });
  assert.equal(options.maxConcurrentStreams, 1);
  assert.equal(options.maxContinuations, 16);
});

/** Option → least and greatest value. */
const RANGES = {
  streamWindow: [0, 2 ** 31 - 1],
  connectionWindow: [65_535, 2 ** 31 - 1],
  maxWindow: [0, 2 ** 31 - 1],
  maxFrameSize: [16_384, MIB],
} as const;

for (const [name, [min, max]] of Object.entries(RANGES)) {
  Deno.test(`${name} is from ${min} to ${max}`, () => {
    for (const value of [min, max]) resolveOptions({ [name]: value });
    for (const value of [min - 1, max + 1, min + 0.5, NaN]) {
      assert.throws(() => resolveOptions({ [name]: value }), {
        name: "RangeError",
        message: `Cannot use ${name} "${value}": it must be between ${min} ` +
          `and ${max}`,
      });
    }
  });
}

Deno.test("a client takes no pushes, a server says how many streams it takes", () => {
  const options = resolveOptions();
  const common = {
    initialWindowSize: 262_144,
    maxFrameSize: 65_536,
    maxHeaderListSize: 65_536,
  };
  assert.deepEqual(localSettings(options, "client"), {
    ...common,
    enablePush: false,
  });
  const server = { ...common, maxConcurrentStreams: 256 };
  assert.deepEqual(localSettings(options, "server"), {
    ...server,
    enableConnectProtocol: true,
  });
  const without = resolveOptions({ enableConnectProtocol: false });
  assert.deepEqual(localSettings(without, "server"), server);
});
